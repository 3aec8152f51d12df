#ifndef COLLAB_POLL_WAKE_H
#define COLLAB_POLL_WAKE_H

/// Creates a non-blocking, close-on-exec eventfd with counter 0. Returns the descriptor, or -1 with `errno` set.
int collab_wake_create(void);
/// Adds 1 to the counter, which makes the descriptor readable. Returns 0, or -1 with `errno` set.
int collab_wake_signal(int descriptor);
/// Reads the counter back to 0. Returns 0 also when it was 0 already.
int collab_wake_clear(int descriptor);

#endif
