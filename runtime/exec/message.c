/* SPDX-License-Identifier: BSD-3-Clause */
/* See message.h. Requests lie in one array that MPI_Testsome looks at: first the preposted
 * receives, then whatever is under way; finished ones are replaced by the last. */
#include "exec/message.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <mpi.h>

#include "base/memory.h"

enum {
    PACKET = 8192,   /* bytes of a packet */
    INLINE = 2048,   /* largest payload inside a packet */
    NPREPOSTED = 8,  /* receives of packets */
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
} packet;

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
    unsigned char *arriving[NPREPOSTED];
    packet *open;   /* [nranks] packets begun */
    int32_t *dirty; /* ranks with a packet begun */
    int32_t ndirty;
    uint32_t *next_tag;    /* [nranks] */
    unsigned char **spare; /* packets to use again */
    int64_t nspare, spare_capacity;
    transfer *spare_transfers; /* a list */
    MPI_Request *request;      /* [NPREPOSTED + nops] */
    MPI_Status *statuses;
    int *finished;
    op *ops;                /* of request[NPREPOSTED ...] */
    int64_t nops, capacity; /* of the four arrays above */
    tg_net_counts counts;
    MPI_Request barrier;
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
    const int64_t need = NPREPOSTED + net->nops + 1;
    int64_t capacity = net->capacity;

    if (need <= net->capacity)
        return TG_OK;
    TG_TRY(tg_grow(&net->request, &capacity, need, sizeof *net->request));
    capacity = net->capacity;
    TG_TRY(tg_grow(&net->statuses, &capacity, need, sizeof *net->statuses));
    capacity = net->capacity;
    TG_TRY(tg_grow(&net->finished, &capacity, need, sizeof *net->finished));
    capacity = net->capacity;
    TG_TRY(tg_grow(&net->ops, &capacity, need, sizeof *net->ops));
    net->capacity = capacity;
out:
    return status;
}

static tg_status post_packet(tg_net *net, int i)
{
    return check(MPI_Irecv(net->arriving[i], PACKET, MPI_BYTE, MPI_ANY_SOURCE, TAG_PACKET,
                           net->comm, &net->request[i]),
                 "MPI_Irecv");
}

tg_status tg_net_create(const void *comm, tg_store *store, tg_net **out)
{
    tg_status status = TG_OK;
    tg_net *net = tg_zalloc(sizeof *net);

    TG_NEED(net, TG_ENOMEM, "out of memory for messages");
    net->comm = MPI_COMM_NULL;
    net->store = store;
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
    for (int i = 0; i < NPREPOSTED; i++)
        net->request[i] = MPI_REQUEST_NULL;
    for (int i = 0; net->nranks > 1 && i < NPREPOSTED; i++) {
        net->arriving[i] = tg_zalloc(PACKET);
        TG_NEED(net->arriving[i], TG_ENOMEM, "out of memory for messages");
        TG_TRY(post_packet(net, i));
    }
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
    for (int i = 0; n->request && i < NPREPOSTED; i++)
        if (n->request[i] != MPI_REQUEST_NULL) {
            MPI_Cancel(&n->request[i]);
            MPI_Wait(&n->request[i], MPI_STATUS_IGNORE);
        }
    for (int i = 0; i < NPREPOSTED; i++)
        tg_free(n->arriving[i]);
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
    tg_free(n->statuses);
    tg_free(n->late);
    tg_free(n->finished);
    tg_free(n->ops);
    if (n->comm != MPI_COMM_NULL)
        MPI_Comm_free(&n->comm);
    tg_free(n);
    *net = NULL;
}

/* ---- sending -------------------------------------------------------------------------------- */

static tg_status flush_rank(tg_net *net, int to)
{
    tg_status status = TG_OK;
    packet *p = &net->open[to];

    if (!p->used)
        return TG_OK;
    TG_TRY(make_room(net));
    TG_TRY(check(MPI_Isend(p->bytes, p->used, MPI_BYTE, to, TAG_PACKET, net->comm,
                           &net->request[NPREPOSTED + net->nops]),
                 "MPI_Isend"));
    net->ops[net->nops++] = (op){OP_PACKET_OUT, p->bytes};
    net->counts.packets++;
    net->counts.bytes += p->used;
    *p = (packet){0};
out:
    return status;
}

tg_status tg_net_flush(tg_net *net)
{
    tg_status status = TG_OK;

    for (int32_t i = 0; i < net->ndirty; i++)
        TG_TRY(flush_rank(net, net->dirty[i]));
    net->ndirty = 0;
out:
    return status;
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
    for (int32_t i = 0; i < net->ndirty; i++)
        if (net->dirty[i] == to)
            return TG_OK;
    net->dirty[net->ndirty++] = to;
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
        request = &net->request[NPREPOSTED + net->nops];
        if (out)
            TG_TRY(check(
                MPI_Isend(data + at, count, MPI_BYTE, peer, (int)frame->tag, net->comm, request),
                "MPI_Isend"));
        else
            TG_TRY(check(
                MPI_Irecv(data + at, count, MPI_BYTE, peer, (int)frame->tag, net->comm, request),
                "MPI_Irecv"));
        net->ops[net->nops++] = (op){out ? OP_DATA_OUT : OP_DATA_IN, t};
        t->pieces++;
    }
    t = NULL;
out:
    give_back(net, t);
    return status;
}

tg_status tg_net_send(tg_net *net, int to, const tg_frame *frame, tg_buffer *payload)
{
    tg_status status = TG_OK;
    tg_frame head = *frame;
    const bool small = head.size <= INLINE;
    const int32_t room =
        (int32_t)(sizeof head + (small ? tg_round_up((size_t)head.size, sizeof(int64_t)) : 0));

    assert(to != net->rank && to >= 0 && to < net->nranks);
    head.from = net->rank;
    head.tag = small ? 0 : TAG_DATA + (int)(net->next_tag[to]++ % NTAGS);
    TG_TRY(open_packet(net, to, room));
    memcpy(net->open[to].bytes + net->open[to].used, &head, sizeof head);
    if (small && head.size)
        memcpy(net->open[to].bytes + net->open[to].used + sizeof head, tg_buffer_data(payload),
               (size_t)head.size);
    net->open[to].used += room;
    net->counts.frames++;
    if (!small) {
        net->counts.payloads++;
        net->counts.bytes += head.size;
        TG_TRY(flush_rank(net, to));
        TG_TRY(start_transfer(net, to, &head, payload, true));
    } else {
        tg_store_release(net->store, payload);
    }
out:
    return status;
}

/* ---- receiving ------------------------------------------------------------------------------ */

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

static tg_status unpack(tg_net *net, const unsigned char *bytes, int size, tg_deliver *deliver,
                        void *self)
{
    tg_status status = TG_OK;
    int at = 0;

    while (at < size) {
        tg_frame frame;
        tg_buffer *buffer = NULL;

        memcpy(&frame, bytes + at, sizeof frame);
        at += (int)sizeof frame;
        if (frame.size) {
            buffer = tg_store_get(net->store, (size_t)frame.size);
            TG_NEED(buffer, TG_ENOMEM, "rank %d: out of memory for %" PRId64 " bytes from rank %d",
                    net->rank, frame.size, frame.from);
        }
        if (frame.tag) {
            TG_TRY(start_transfer(net, frame.from, &frame, buffer, false));
            continue;
        }
        if (frame.size)
            memcpy(tg_buffer_data(buffer), bytes + at, (size_t)frame.size);
        at += (int)tg_round_up((size_t)frame.size, sizeof(int64_t));
        TG_TRY(arrive(net, &frame, buffer, deliver, self));
    }
out:
    return status;
}

static tg_status finish_op(tg_net *net, op done, tg_deliver *deliver, void *self)
{
    tg_status status = TG_OK;
    transfer *t = done.what;

    if (done.kind == OP_PACKET_OUT) {
        TG_TRY(tg_grow(&net->spare, &net->spare_capacity, net->nspare + 1, sizeof *net->spare));
        net->spare[net->nspare++] = done.what;
        return TG_OK;
    }
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

/* Packets first and in place; then the others from the last to the first, so that closing a gap
 * with the last request moves none that is still to be looked at. */
static tg_status handle(tg_net *net, int n, tg_deliver *deliver, void *self)
{
    tg_status status = TG_OK;
    int i;

    for (i = 0; i < n; i++)
        if (net->finished[i] < NPREPOSTED) {
            const int at = net->finished[i];
            int size;

            MPI_Get_count(&net->statuses[i], MPI_BYTE, &size);
            TG_TRY(unpack(net, net->arriving[at], size, deliver, self));
            TG_TRY(post_packet(net, at));
        }
    sort_descending(net->finished, n);
    for (i = 0; i < n && net->finished[i] >= NPREPOSTED; i++) {
        const int at = net->finished[i] - NPREPOSTED;
        const op done = net->ops[at];

        net->nops--;
        net->ops[at] = net->ops[net->nops];
        net->request[NPREPOSTED + at] = net->request[NPREPOSTED + net->nops];
        TG_TRY(finish_op(net, done, deliver, self));
    }
out:
    return status;
}

tg_status tg_net_progress(tg_net *net, tg_deliver *deliver, void *self, bool *happened)
{
    tg_status status = TG_OK;
    int n = 0;

    *happened = false;
    if (net->nranks == 1)
        return TG_OK;
    TG_TRY(check(
        MPI_Testsome((int)(NPREPOSTED + net->nops), net->request, &n, net->finished, net->statuses),
        "MPI_Testsome"));
    if (n > 0 && n != MPI_UNDEFINED) {
        *happened = true;
        TG_TRY(handle(net, n, deliver, self));
    }
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

tg_status tg_net_barrier(tg_net *net)
{
    return check(MPI_Ibarrier(net->comm, &net->barrier), "MPI_Ibarrier");
}

tg_status tg_net_barrier_passed(tg_net *net, bool *passed)
{
    int flag = 0;
    const tg_status status = check(MPI_Test(&net->barrier, &flag, MPI_STATUS_IGNORE), "MPI_Test");

    *passed = flag;
    return status;
}

tg_net_counts tg_net_counted(const tg_net *net)
{
    return net->counts;
}
