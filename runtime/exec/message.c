/* SPDX-License-Identifier: BSD-3-Clause */
/* See message.h.
 *
 * Packets are received by a ring of persistent receives. MPI matches messages to receives in the
 * order in which these were started, so it is enough to test the first of the ring; a received one
 * is started again, as the last, when nothing else is to be done or half of them are used up.
 *
 * Sends that MPI has not finished at once, and payloads, lie in an array that MPI_Testsome looks
 * at; finished ones are replaced by the last. */
#include "exec/message.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <mpi.h>

#include "base/compiler.h"
#include "base/memory.h"

enum {
    PACKET = 8192,   /* bytes of a packet */
    INLINE = 2048,   /* largest payload inside a packet */
    NRECEIVES = 16,  /* in the ring; a power of two */
    TAG_PACKET = 1,  /* all tags in use: packets, and DATA .. DATA + NTAGS - 1 */
    TAG_DATA = 2,    /* a payload's tag tells the payloads of one sender apart */
    NTAGS = 16384,   /* MPI promises tags up to 32767 */
    PIECE = 1 << 30, /* longer payloads travel in pieces of one tag, in order */
};

/* Something under way. */
typedef enum op_kind { OP_PACKET_OUT, OP_DATA_OUT, OP_DATA_IN } op_kind;

typedef struct transfer { /* a payload in one or more pieces */
    tg_buffer *buffer;
    tg_frame frame;
    int32_t pieces;        /* still under way */
    struct transfer *next; /* of those to use again */
} transfer;

typedef struct op {
    op_kind kind;
    void *what; /* packet bytes, or transfer */
} op;

typedef struct packet {
    unsigned char *bytes; /* NULL: none begun */
    int32_t used;
    bool listed; /* in tg_net.dirty */
} packet;

/* What a packet begins with. */
typedef struct packet_head {
    int32_t used, from; /* bytes, rank */
} packet_head;

/* A frame as it travels, followed by its bytes. With a small result a message so fits a line of the
 * cache, MPI's own head included: between cores lines are what costs. */
typedef struct packed_frame {
    int64_t epoch;
    int32_t slot;
    uint16_t size; /* LARGE: a large_frame follows in place of the bytes */
    uint8_t kind, status;
} packed_frame;

typedef struct large_frame {
    int64_t size, tag;
} large_frame;

enum { LARGE = UINT16_MAX };
_Static_assert(sizeof(packed_frame) == 16 && (int)INLINE < (int)LARGE, "sizes fit their fields");

/* A frame that a hostile net holds back. */
typedef struct late_frame {
    tg_frame frame;
    tg_buffer *payload;
    int turns; /* until it is delivered */
} late_frame;

struct tg_net {
    MPI_Comm comm;
    tg_store *store; /* borrowed */
    int rank, nranks;
    unsigned char *arriving[NRECEIVES];
    MPI_Request receive[NRECEIVES]; /* persistent; those started are a stretch of the ring: */
    unsigned first, nstarted;
    packet *open;   /* [nranks] packets begun */
    int32_t *dirty; /* ranks with a packet begun */
    int32_t ndirty;
    uint32_t *next_tag;    /* [nranks] */
    unsigned char **spare; /* packets to use again */
    int64_t nspare, spare_capacity;
    transfer *spare_transfers; /* a list */
    MPI_Request *request;      /* [nops] */
    int *finished;
    op *ops;                /* of the requests */
    int64_t nops, capacity; /* of the three arrays above */
    tg_net_counts counts;
    uint64_t hostile; /* state of random numbers; 0: frames are delivered as they come */
    late_frame *late; /* [nlate] arrived and not delivered yet, when hostile */
    int64_t nlate, late_capacity;
};

static tg_status check(int code, const char *what)
{
    char text[MPI_MAX_ERROR_STRING];
    int length;

    if (code == MPI_SUCCESS)
        return TG_OK;
    if (MPI_Error_string(code, text, &length) != MPI_SUCCESS)
        strcpy(text, "unknown error");
    return tg_fail(TG_EMPI, "%s failed: %s", what, text);
}

/* Room for one more thing under way. */
static tg_status make_room(tg_net *net)
{
    tg_status status = TG_OK;
    const int64_t need = net->nops + 1;
    int64_t capacity = net->capacity;

    if (need <= net->capacity)
        return TG_OK;
    TG_TRY(tg_grow(&net->request, &capacity, need, sizeof *net->request));
    capacity = net->capacity;
    TG_TRY(tg_grow(&net->finished, &capacity, need, sizeof *net->finished));
    capacity = net->capacity;
    TG_TRY(tg_grow(&net->ops, &capacity, need, sizeof *net->ops));
    net->capacity = capacity;
out:
    return status;
}

/* Start the receives that have been used up. */
static tg_status start_receives(tg_net *net)
{
    tg_status status = TG_OK;

    for (; net->nstarted < NRECEIVES; net->nstarted++)
        TG_TRY(
            check(MPI_Start(&net->receive[(net->first + net->nstarted) % NRECEIVES]), "MPI_Start"));
out:
    return status;
}

static tg_status create_receives(tg_net *net)
{
    tg_status status = TG_OK;

    for (int i = 0; net->nranks > 1 && i < NRECEIVES; i++) {
        net->arriving[i] = tg_zalloc(PACKET);
        TG_NEED(net->arriving[i], TG_ENOMEM, "out of memory for messages");
        TG_TRY(check(MPI_Recv_init(net->arriving[i], PACKET, MPI_BYTE, MPI_ANY_SOURCE, TAG_PACKET,
                                   net->comm, &net->receive[i]),
                     "MPI_Recv_init"));
    }
    if (net->nranks > 1)
        TG_TRY(start_receives(net));
out:
    return status;
}

static void destroy_receives(tg_net *net)
{
    for (unsigned i = 0; i < net->nstarted; i++) {
        MPI_Request *request = &net->receive[(net->first + i) % NRECEIVES];

        MPI_Cancel(request);
        MPI_Wait(request, MPI_STATUS_IGNORE);
    }
    for (int i = 0; i < NRECEIVES; i++) {
        if (net->receive[i] != MPI_REQUEST_NULL)
            MPI_Request_free(&net->receive[i]);
        tg_free(net->arriving[i]);
    }
}

tg_status tg_net_create(const void *comm, tg_store *store, tg_net **out)
{
    tg_status status = TG_OK;
    tg_net *net = tg_zalloc(sizeof *net);

    TG_NEED(net, TG_ENOMEM, "out of memory for messages");
    net->comm = MPI_COMM_NULL;
    net->store = store;
    for (int i = 0; i < NRECEIVES; i++)
        net->receive[i] = MPI_REQUEST_NULL;
    TG_TRY(check(MPI_Comm_dup(*(const MPI_Comm *)comm, &net->comm), "MPI_Comm_dup"));
    TG_TRY(check(MPI_Comm_set_errhandler(net->comm, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler"));
    MPI_Comm_rank(net->comm, &net->rank);
    MPI_Comm_size(net->comm, &net->nranks);
    net->open = tg_alloc_array(net->nranks, sizeof *net->open);
    net->dirty = tg_alloc_array(net->nranks, sizeof *net->dirty);
    net->next_tag = tg_alloc_array(net->nranks, sizeof *net->next_tag);
    TG_NEED(net->open && net->dirty && net->next_tag, TG_ENOMEM,
            "out of memory: messages between %d ranks", net->nranks);
    TG_TRY(make_room(net));
    TG_TRY(create_receives(net));
    *out = net;
    net = NULL;
out:
    tg_net_destroy(&net);
    return status;
}

void tg_net_be_hostile(tg_net *net, uint64_t seed)
{
    net->hostile = (seed + 1) * 0x9e3779b97f4a7c15u + (uint64_t)net->rank;
}

void tg_net_destroy(tg_net **net)
{
    tg_net *n = *net;

    if (!n)
        return;
    destroy_receives(n);
    for (int64_t i = 0; i < n->nspare; i++)
        tg_free(n->spare[i]);
    tg_free(n->spare);
    while (n->spare_transfers) {
        transfer *next = n->spare_transfers->next;

        tg_free(n->spare_transfers);
        n->spare_transfers = next;
    }
    tg_free(n->open);
    tg_free(n->dirty);
    tg_free(n->next_tag);
    tg_free(n->request);
    tg_free(n->late);
    tg_free(n->finished);
    tg_free(n->ops);
    if (n->comm != MPI_COMM_NULL)
        MPI_Comm_free(&n->comm);
    tg_free(n);
    *net = NULL;
}

static tg_status keep_packet(tg_net *net, unsigned char *bytes)
{
    tg_status status = TG_OK;

    TG_TRY(tg_grow(&net->spare, &net->spare_capacity, net->nspare + 1, sizeof *net->spare));
    net->spare[net->nspare++] = bytes;
out:
    return status;
}

/* Small packets have mostly left when MPI_Isend returns. */
static tg_status flush_rank(tg_net *net, int to)
{
    tg_status status = TG_OK;
    packet *p = &net->open[to];
    const packet_head head = {p->used, net->rank};
    unsigned char *bytes = p->bytes;
    MPI_Request *request;
    int sent;

    if (!bytes)
        return TG_OK;
    TG_TRY(make_room(net));
    request = &net->request[net->nops];
    memcpy(bytes, &head, sizeof head);
    p->bytes = NULL;
    net->counts.packets++;
    net->counts.bytes += head.used;
    TG_TRY(check(MPI_Isend(bytes, head.used, MPI_BYTE, to, TAG_PACKET, net->comm, request),
                 "MPI_Isend"));
    TG_TRY(check(MPI_Test(request, &sent, MPI_STATUS_IGNORE), "MPI_Test"));
    if (sent)
        TG_TRY(keep_packet(net, bytes));
    else
        net->ops[net->nops++] = (op){OP_PACKET_OUT, bytes};
out:
    return status;
}

bool tg_net_has_begun(const tg_net *net)
{
    return net->ndirty > 0;
}

static TG_NOINLINE tg_status flush_all(tg_net *net)
{
    tg_status status = TG_OK;

    for (int32_t i = 0; i < net->ndirty; i++) {
        TG_TRY(flush_rank(net, net->dirty[i]));
        net->open[net->dirty[i]].listed = false;
    }
    net->ndirty = 0;
out:
    return status;
}

tg_status tg_net_flush(tg_net *net)
{
    return net->ndirty > 0 ? flush_all(net) : TG_OK;
}

/* A packet to `to` with room for `size` bytes more. */
static tg_status open_packet(tg_net *net, int to, int32_t size)
{
    tg_status status = TG_OK;
    packet *p = &net->open[to];

    if (p->bytes && p->used + size > PACKET)
        TG_TRY(flush_rank(net, to));
    if (p->bytes)
        return TG_OK;
    p->bytes = net->nspare ? net->spare[--net->nspare] : tg_zalloc(PACKET);
    TG_NEED(p->bytes, TG_ENOMEM, "out of memory for a message to rank %d", to);
    p->used = sizeof(packet_head);
    if (!p->listed)
        net->dirty[net->ndirty++] = to;
    p->listed = true;
out:
    return status;
}

static transfer *get_transfer(tg_net *net)
{
    transfer *t = net->spare_transfers;

    if (!t)
        return tg_zalloc(sizeof *t);
    net->spare_transfers = t->next;
    return t;
}

/* Keep it for the next one; takes NULL. */
static void give_back(tg_net *net, transfer *t)
{
    if (!t)
        return;
    t->next = net->spare_transfers;
    net->spare_transfers = t;
}

static tg_status start_transfer(tg_net *net, int peer, const tg_frame *frame, tg_buffer *buffer,
                                bool out)
{
    tg_status status = TG_OK;
    transfer *t = get_transfer(net);
    char *data = tg_buffer_data(buffer);

    TG_NEED(t, TG_ENOMEM, "out of memory for a message of %" PRId64 " bytes", frame->size);
    *t = (transfer){.buffer = buffer, .frame = *frame};
    for (int64_t at = 0; at < frame->size; at += PIECE) {
        const int count = frame->size - at < PIECE ? (int)(frame->size - at) : PIECE;
        MPI_Request *request;

        TG_TRY(make_room(net));
        request = &net->request[net->nops];
        if (out)
            TG_TRY(
                check(MPI_Isend(data + at, count, MPI_BYTE, peer, frame->tag, net->comm, request),
                      "MPI_Isend"));
        else
            TG_TRY(
                check(MPI_Irecv(data + at, count, MPI_BYTE, peer, frame->tag, net->comm, request),
                      "MPI_Irecv"));
        net->ops[net->nops++] = (op){out ? OP_DATA_OUT : OP_DATA_IN, t};
        t->pieces++;
    }
    t = NULL;
out:
    give_back(net, t);
    return status;
}

/* In its packet, which has room for it. */
static void pack(tg_net *net, int to, const tg_frame *frame, tg_buffer *payload)
{
    packet *p = &net->open[to];
    const packed_frame packed = {.epoch = frame->epoch,
                                 .slot = frame->slot,
                                 .size = frame->tag ? LARGE : (uint16_t)frame->size,
                                 .kind = (uint8_t)frame->kind,
                                 .status = (uint8_t)frame->status};

    memcpy(p->bytes + p->used, &packed, sizeof packed);
    p->used += (int32_t)sizeof packed;
    if (frame->tag) {
        memcpy(p->bytes + p->used, &(large_frame){frame->size, frame->tag}, sizeof(large_frame));
        p->used += (int32_t)sizeof(large_frame);
    } else if (frame->size) {
        memcpy(p->bytes + p->used, tg_buffer_data(payload), (size_t)frame->size);
        p->used += (int32_t)tg_round_up((size_t)frame->size, sizeof(int64_t));
    }
}

tg_status tg_net_send(tg_net *net, int to, const tg_frame *frame, tg_buffer *payload)
{
    tg_status status = TG_OK;
    tg_frame its = *frame;
    const bool small = its.size <= INLINE;
    const size_t behind = small ? (size_t)its.size : sizeof(large_frame);

    assert(to != net->rank && to >= 0 && to < net->nranks);
    assert(its.status >= 0 && its.status <= UINT8_MAX);
    its.from = net->rank;
    its.tag = small ? 0 : TAG_DATA + (int)(net->next_tag[to]++ % NTAGS);
    TG_TRY(open_packet(net, to,
                       (int32_t)(sizeof(packed_frame) + tg_round_up(behind, sizeof(int64_t)))));
    pack(net, to, &its, payload);
    net->counts.frames++;
    if (!small) {
        net->counts.payloads++;
        net->counts.bytes += its.size;
        TG_TRY(flush_rank(net, to));
        TG_TRY(start_transfer(net, to, &its, payload, true));
    } else {
        tg_store_release(net->store, payload);
    }
out:
    return status;
}

/* xorshift64 (Marsaglia 2003). */
static uint64_t random_number(tg_net *net)
{
    net->hostile ^= net->hostile << 13;
    net->hostile ^= net->hostile >> 7;
    net->hostile ^= net->hostile << 17;
    return net->hostile;
}

/* A frame is complete: deliver it, at once or, when hostile, some turns later. */
static tg_status arrive(tg_net *net, const tg_frame *frame, tg_buffer *payload, tg_deliver *deliver,
                        void *self)
{
    tg_status status = TG_OK;

    if (!net->hostile)
        return deliver(self, frame, payload);
    TG_TRY(tg_grow(&net->late, &net->late_capacity, net->nlate + 1, sizeof *net->late));
    net->late[net->nlate++] = (late_frame){*frame, payload, (int)(random_number(net) % 8)};
out:
    return status;
}

/* Deliver late frames whose turn has come, the last to arrive first. */
static tg_status deliver_late(tg_net *net, tg_deliver *deliver, void *self)
{
    tg_status status = TG_OK;

    for (int64_t i = net->nlate; i-- > 0;) {
        const late_frame late = net->late[i];

        if (net->late[i].turns-- > 0)
            continue;
        net->late[i] = net->late[--net->nlate];
        TG_TRY(deliver(self, &late.frame, late.payload));
    }
out:
    return status;
}

/* Are its bytes those that memory is for? */
static bool is_result(const tg_frame *frame)
{
    return frame->kind == TG_FRAME_RESULT || frame->kind == TG_FRAME_TAKE ||
           frame->kind == TG_FRAME_TAKEN;
}

/* The frame at `at` in a packet, which moves behind it, to its bytes if these are there. */
static tg_frame unpack_frame(const unsigned char *bytes, int32_t *at, int32_t from)
{
    packed_frame packed;
    tg_frame frame;

    memcpy(&packed, bytes + *at, sizeof packed);
    *at += (int32_t)sizeof packed;
    frame = (tg_frame){.epoch = packed.epoch,
                       .size = packed.size,
                       .slot = packed.slot,
                       .from = from,
                       .kind = packed.kind,
                       .status = packed.status};
    if (packed.size == LARGE) {
        large_frame large;

        memcpy(&large, bytes + *at, sizeof large);
        *at += (int32_t)sizeof large;
        frame.size = large.size;
        frame.tag = (int32_t)large.tag;
    }
    return frame;
}

static tg_status unpack(tg_net *net, const unsigned char *bytes, tg_deliver *deliver, void *self)
{
    tg_status status = TG_OK;
    int32_t at = sizeof(packet_head);
    packet_head head;

    memcpy(&head, bytes, sizeof head);
    while (at < head.used) {
        const tg_frame frame = unpack_frame(bytes, &at, head.from);
        tg_buffer *buffer = NULL;

        if (frame.size) {
            buffer = is_result(&frame) ? tg_store_get_at(net->store, (size_t)frame.size, 0)
                                       : tg_store_get_aside(net->store, (size_t)frame.size);
            TG_NEED(buffer, TG_ENOMEM, "rank %d: out of memory for %" PRId64 " bytes from rank %d",
                    net->rank, frame.size, frame.from);
        }
        if (frame.tag) {
            TG_TRY(start_transfer(net, frame.from, &frame, buffer, false));
            continue;
        }
        if (frame.size)
            memcpy(tg_buffer_data(buffer), bytes + at, (size_t)frame.size);
        at += (int32_t)tg_round_up((size_t)frame.size, sizeof(int64_t));
        TG_TRY(arrive(net, &frame, buffer, deliver, self));
    }
out:
    return status;
}

static tg_status finish_op(tg_net *net, op done, tg_deliver *deliver, void *self)
{
    tg_status status = TG_OK;
    transfer *t = done.what;

    if (done.kind == OP_PACKET_OUT)
        return keep_packet(net, done.what);
    if (--t->pieces > 0)
        return TG_OK;
    if (done.kind == OP_DATA_OUT)
        tg_store_release(net->store, t->buffer);
    else
        TG_TRY(arrive(net, &t->frame, t->buffer, deliver, self));
    give_back(net, t);
out:
    return status;
}

/* Nearly sorted and few: insertion. */
static void sort_descending(int *finished, int n)
{
    for (int i = 1; i < n; i++)
        for (int k = i; k > 0 && finished[k - 1] < finished[k]; k--) {
            const int swap = finished[k];

            finished[k] = finished[k - 1];
            finished[k - 1] = swap;
        }
}

/* Deliver the first packet of the ring if it has arrived. */
static tg_status take_packet(tg_net *net, tg_deliver *deliver, void *self, int *arrived)
{
    tg_status status = TG_OK;
    const unsigned first = net->first;

    TG_TRY(check(MPI_Test(&net->receive[first], arrived, MPI_STATUS_IGNORE), "MPI_Test"));
    if (!*arrived)
        return TG_OK;
    TG_TRY(unpack(net, net->arriving[first], deliver, self));
    net->first = (first + 1) % NRECEIVES;
    if (--net->nstarted <= NRECEIVES / 2)
        TG_TRY(start_receives(net));
out:
    return status;
}

/* Packets that have arrived. One is enough for a rank that waits for it: looking for a second takes
 * as long as a small task. Looking again and again for the first is quickest here. */
static tg_status take_packets(tg_net *net, tg_deliver *deliver, void *self, int looks,
                              bool *happened)
{
    tg_status status = TG_OK;
    const int most = looks ? 1 : NRECEIVES;
    int arrived, taken = 0;

    do {
        TG_TRY(take_packet(net, deliver, self, &arrived));
        taken += arrived;
        if (!arrived && net->nstarted < NRECEIVES)
            TG_TRY(start_receives(net));
    } while (arrived ? taken < most : taken == 0 && net->nops == 0 && --looks > 0);
    *happened = taken > 0;
out:
    return status;
}

/* Sends and payloads: from the last finished to the first, so that closing a gap with the last
 * request moves none that is still to be looked at. */
static tg_status finish_ops(tg_net *net, tg_deliver *deliver, void *self, bool *happened)
{
    tg_status status = TG_OK;
    int n = 0;

    TG_TRY(check(MPI_Testsome((int)net->nops, net->request, &n, net->finished, MPI_STATUSES_IGNORE),
                 "MPI_Testsome"));
    if (n <= 0 || n == MPI_UNDEFINED)
        return TG_OK;
    *happened = true;
    sort_descending(net->finished, n);
    for (int i = 0; i < n; i++) {
        const int at = net->finished[i];
        const op done = net->ops[at];

        net->nops--;
        net->ops[at] = net->ops[net->nops];
        net->request[at] = net->request[net->nops];
        TG_TRY(finish_op(net, done, deliver, self));
    }
out:
    return status;
}

tg_status tg_net_progress(tg_net *net, tg_deliver *deliver, void *self, int looks, bool *happened)
{
    tg_status status = TG_OK;

    *happened = false;
    if (net->nranks == 1)
        return TG_OK;
    TG_TRY(take_packets(net, deliver, self, looks, happened));
    if (net->nops > 0)
        TG_TRY(finish_ops(net, deliver, self, happened));
    if (net->nlate > 0) {
        *happened = true;
        TG_TRY(deliver_late(net, deliver, self));
    }
out:
    return status;
}

bool tg_net_is_quiet(const tg_net *net)
{
    for (int64_t i = 0; i < net->nops; i++)
        if (net->ops[i].kind != OP_DATA_IN)
            return false;
    return net->ndirty == 0;
}

tg_net_counts tg_net_counted(const tg_net *net)
{
    return net->counts;
}
