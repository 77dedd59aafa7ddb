/* SPDX-License-Identifier: BSD-3-Clause */
/** --preview: a prediction as a table for people. */
#ifndef TG_OBSERVE_PREVIEW_H
#define TG_OBSERVE_PREVIEW_H

#include <stdio.h>

#include "place/predict.h"

/** Print what a plan for `machine` is predicted to cost. Call: local. */
void tg_preview_print(const tg_machine *machine, const tg_prediction *prediction, FILE *out);

#endif
