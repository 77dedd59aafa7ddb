/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Messages between ranks: the only module that calls MPI point-to-point.
 *
 * A message is a frame: what it is, and its bytes. Frames to one rank are packed into packets of a
 * fixed size with their bytes when these are small. A larger payload follows its frame in a message
 * of its own, received straight into a buffer of the store:
 *
 *   sender    frame (small: with bytes) -> packet of the receiver -> flush -> MPI_Isend PACKET
 *             large bytes ---------------------------------------------------> MPI_Isend DATA+n
 *   receiver  ring of persistent receives, PACKET from anyone -> frame -> small: deliver
 *                                          large: MPI_Irecv DATA+n from the sender -> deliver
 *
 * One thread calls this module. Frames of one sender need not arrive in order.
 */
#ifndef TG_EXEC_MESSAGE_H
#define TG_EXEC_MESSAGE_H

#include "exec/store.h"

typedef enum tg_frame_kind {
    TG_FRAME_PART = 1, /* rank 0 -> rank: its part of a plan */
    TG_FRAME_RESULT,   /* a task's result for a slot */
    TG_FRAME_REPORT,   /* up the tree of ranks: a part is finished */
    TG_FRAME_PROGRESS, /* rank -> rank 0: tasks done so far */
    TG_FRAME_STOP,     /* rank 0 -> rank: no more work */
    TG_FRAME_KEPT,     /* rank -> rank 0: a result is kept; epoch is its handle */
    TG_FRAME_DROP,     /* rank 0 -> rank: let go of a kept result; epoch is its handle */
    TG_FRAME_CANCEL,   /* rank 0 -> rank: what has not started of a part fails */
    TG_FRAME_REFUSE,   /* rank 0 -> rank: so does the task of a kept result; epoch is its handle */
    TG_FRAME_WANT,     /* idle rank -> rank: have you tasks to give away? */
    TG_FRAME_NONE,     /* the answer: no */
    TG_FRAME_TAKE,     /* the answer: a task and its inputs */
    TG_FRAME_EVENT,    /* back: when it ran */
    TG_FRAME_TAKEN,    /* back: its result, or why it failed */
    TG_FRAME_LEAVE,    /* up a tree of all ranks: those below may leave; then down: all may */
} tg_frame_kind;

typedef struct tg_frame {
    int64_t epoch;  /* of the plan */
    int64_t size;   /* bytes of the payload */
    int32_t slot;   /* RESULT: slot on the receiver; WANT: the rank that asks */
    int32_t from;   /* set by the sender's module */
    int32_t tag;    /* set by the sender's module: 0: the payload is in the packet */
    int16_t kind;   /* tg_frame_kind */
    int16_t status; /* RESULT, KEPT, TAKEN: of the task, and where it is not TG_OK the bytes are its
                       message; WANT: how often it was sent on; at most 255 */
} tg_frame;

typedef struct tg_net tg_net;

/** Who gets what arrives; takes over the hold on the payload (NULL when there are no bytes). */
typedef tg_status tg_deliver(void *self, const tg_frame *frame, tg_buffer *payload);

/** Counts since the start. */
typedef struct tg_net_counts {
    int64_t packets, frames, payloads, bytes; /* sent */
} tg_net_counts;

/** A net over a communicator (an MPI_Comm by its address; duplicated). Collective. */
TG_MUST_CHECK tg_status tg_net_create(const void *comm, tg_store *store, tg_net **out);
/** For tests: what arrives is delivered late and in another order, by a seed. */
void tg_net_be_hostile(tg_net *net, uint64_t seed);
/** Collective: everything sent must have been received. */
void tg_net_destroy(tg_net **net);

/** Queue a frame with a payload for a rank. Takes over one hold on the payload (NULL: none). */
TG_MUST_CHECK tg_status tg_net_send(tg_net *net, int to, const tg_frame *frame, tg_buffer *payload);
/** Is there a packet begun? */
bool tg_net_has_begun(const tg_net *net);
/** Hand all packets begun to MPI. */
TG_MUST_CHECK tg_status tg_net_flush(tg_net *net);
/** See what arrived and what has left; true in *happened when anything did. `looks`: the caller has
 * nothing else to do and waits for one packet, to look for so often; 0: it waits for none, and all
 * that are there are delivered. */
TG_MUST_CHECK tg_status tg_net_progress(tg_net *net, tg_deliver *deliver, void *self, int looks,
                                        bool *happened);
/** Is nothing of ours on its way? */
bool tg_net_is_quiet(const tg_net *net);

tg_net_counts tg_net_counted(const tg_net *net);

#endif
