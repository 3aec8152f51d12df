#include "CPollWake.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int collab_wake_create(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

int collab_wake_signal(int descriptor) {
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    // EAGAIN: the counter is at its maximum, so the descriptor is readable, which is all a signal means.
    return (written == (ssize_t)sizeof one || errno == EAGAIN) ? 0 : -1;
}

int collab_wake_clear(int descriptor) {
    uint64_t value;
    ssize_t count = read(descriptor, &value, sizeof value);
    return (count == (ssize_t)sizeof value || errno == EAGAIN) ? 0 : -1;
}
