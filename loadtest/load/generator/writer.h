/* What a client sends: the handshake of RFC 6455 and masked frames, as bytes in a buffer of the caller. */
#ifndef WRITER_H
#define WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_OVERHEAD 6 /* header and mask of a payload up to 125 bytes, which is all that a client sends here */
#define MAX_PAYLOAD 125

/* Write a whole masked frame; returns its size. */
size_t write_frame(uint8_t *out, uint8_t opcode, const uint8_t *payload, size_t size, uint32_t mask);

/* Write the request for an upgrade (subprotocol and origin may be NULL); returns its size, or 0 if it did not fit. */
size_t write_request(char *out, size_t room, const char *path, const char *host, const char *origin,
                     const char *subprotocol);

/* The size of the response at the start of `data` (ended by a blank line), 0 if it is incomplete. */
size_t response_size(const char *data, size_t size);

/* The HTTP status of a response; 101 only if it accepts our key. */
int response_status(const char *data, size_t size);

#endif
