/* Reads the frames of one WebSocket (RFC 6455, server to client) from any split of its bytes, without a socket.
 *
 * Payloads are counted, not kept: only the head of a message, and the short payload of a control frame. */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAD_BYTES 96      /* of a message: its type and tick, or the JSON with the player's id */
#define CONTROL_BYTES 125  /* the longest control payload that the RFC allows */
#define HEADER_BYTES 10    /* the longest header without a mask */

enum opcode { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

struct reader {
    uint64_t remaining;    /* payload bytes that the current frame still lacks */
    uint64_t message_size; /* payload bytes of the current message so far, over all its frames */
    uint8_t header[HEADER_BYTES];
    uint8_t header_size;   /* bytes of it that arrived */
    bool in_payload, final, in_message;
    uint8_t opcode, message_opcode;
    uint8_t head_size, control_size;
    uint8_t head[HEAD_BYTES];
    uint8_t control[CONTROL_BYTES];
};

enum reading { MORE, MESSAGE, CONTROL, BROKEN };

/* Take in bytes from *data, advancing *data and *size, up to the end of the next message or control frame (the
 * fields of the reader describe it), or of the bytes (MORE). BROKEN: the peer is not a WebSocket server. */
enum reading reader_next(struct reader *r, const uint8_t **data, size_t *size);

/* How many bytes may be dropped unread (0 if any is needed); report the dropped ones to reader_skipped. */
uint64_t reader_skippable(const struct reader *r);
enum reading reader_skipped(struct reader *r, uint64_t bytes);

#endif
