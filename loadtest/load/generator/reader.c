#include "reader.h"

#include <string.h>

static bool is_control(const struct reader *r) { return r->opcode >= CLOSE; }

static size_t header_needed(const struct reader *r) {
    if (r->header_size < 2) return 2;
    switch (r->header[1]) {
    case 126: return 4;
    case 127: return 10;
    default: return 2;
    }
}

static uint64_t announced_length(const struct reader *r) {
    uint64_t length = 0;
    if (r->header[1] < 126) return r->header[1];
    for (int i = 2; i < r->header_size; i++) length = length << 8 | r->header[i];
    return length;
}

/* Returns true if this frame is allowed here (RFC 6455, 5.2 to 5.5). */
static bool is_allowed(const struct reader *r) {
    if (r->header[0] & 0x70 || r->header[1] & 0x80) return false; /* extensions; a mask from a server */
    switch (r->opcode) {
    case CONTINUATION: return r->in_message;
    case TEXT: case BINARY: return !r->in_message;
    case CLOSE: case PING: case PONG: return r->final && r->remaining <= CONTROL_BYTES;
    default: return false;
    }
}

static bool begin_payload(struct reader *r) {
    r->final = r->header[0] & 0x80;
    r->opcode = r->header[0] & 0x0f;
    r->remaining = announced_length(r);
    r->header_size = 0;
    r->in_payload = true;
    if (!is_allowed(r)) return false;
    if (is_control(r)) {
        r->control_size = 0;
    } else if (r->opcode != CONTINUATION) {
        r->in_message = true;
        r->message_opcode = r->opcode;
        r->message_size = 0;
        r->head_size = 0;
    }
    return true;
}

static enum reading end_frame(struct reader *r) {
    r->in_payload = false;
    if (is_control(r)) return CONTROL;
    if (!r->final) return MORE;
    r->in_message = false;
    return MESSAGE;
}

static void keep(uint8_t *kept, uint8_t *kept_size, size_t limit, const uint8_t *data, size_t size) {
    size_t room = limit - *kept_size, part = size < room ? size : room;
    memcpy(kept + *kept_size, data, part);
    *kept_size = (uint8_t)(*kept_size + part);
}

static size_t take_payload(struct reader *r, const uint8_t *data, size_t size) {
    size_t part = size < r->remaining ? size : (size_t)r->remaining;
    if (is_control(r)) {
        keep(r->control, &r->control_size, CONTROL_BYTES, data, part);
    } else {
        keep(r->head, &r->head_size, HEAD_BYTES, data, part);
        r->message_size += part;
    }
    r->remaining -= part;
    return part;
}

/* Returns true if the header is complete; takes no byte behind it. */
static bool take_header(struct reader *r, const uint8_t **data, size_t *size) {
    while (*size && r->header_size < header_needed(r)) {
        r->header[r->header_size++] = *(*data)++;
        --*size;
    }
    return r->header_size == header_needed(r);
}

enum reading reader_next(struct reader *r, const uint8_t **data, size_t *size) {
    for (;;) {
        if (!r->in_payload) {
            if (!take_header(r, data, size)) return MORE;
            if (!begin_payload(r)) return BROKEN;
        }
        size_t taken = take_payload(r, *data, *size);
        *data += taken;
        *size -= taken;
        if (r->remaining) return MORE;
        enum reading what = end_frame(r);
        if (what != MORE) return what;
    }
}

uint64_t reader_skippable(const struct reader *r) {
    return r->in_payload && !is_control(r) && r->head_size == HEAD_BYTES ? r->remaining : 0;
}

enum reading reader_skipped(struct reader *r, uint64_t bytes) {
    r->message_size += bytes;
    r->remaining -= bytes;
    return r->remaining ? MORE : end_frame(r);
}
