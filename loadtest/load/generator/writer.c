#include "writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The example of RFC 6455, 1.3: a key whose answer is known spares the generator a SHA-1. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

size_t write_frame(uint8_t *out, uint8_t opcode, const uint8_t *payload, size_t size, uint32_t mask) {
    uint8_t key[4] = {(uint8_t)mask, (uint8_t)(mask >> 8), (uint8_t)(mask >> 16), (uint8_t)(mask >> 24)};
    out[0] = 0x80 | opcode;
    out[1] = (uint8_t)(0x80 | size);
    memcpy(out + 2, key, sizeof key);
    for (size_t i = 0; i < size; i++) out[FRAME_OVERHEAD + i] = payload[i] ^ key[i % 4];
    return FRAME_OVERHEAD + size;
}

size_t write_request(char *out, size_t room, const char *path, const char *host, const char *origin,
                     const char *subprotocol) {
    int size = snprintf(out, room,
                        "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n%s%s%s%s%s%s\r\n",
                        path, host, origin ? "Origin: " : "", origin ? origin : "", origin ? "\r\n" : "",
                        subprotocol ? "Sec-WebSocket-Protocol: " : "", subprotocol ? subprotocol : "",
                        subprotocol ? "\r\n" : "");
    return size > 0 && (size_t)size < room ? (size_t)size : 0;
}

size_t response_size(const char *data, size_t size) {
    const char *end = memmem(data, size, "\r\n\r\n", 4);
    return end ? (size_t)(end - data) + 4 : 0;
}

int response_status(const char *data, size_t size) {
    if (size < 12 || memcmp(data, "HTTP/1.1 ", 9) != 0) return 0;
    int status = atoi(data + 9);
    if (status == 101 && !memmem(data, size, ACCEPT, strlen(ACCEPT))) return 0;
    return status;
}
