#ifndef COLLAB_DETACHED_PROCESS_H
#define COLLAB_DETACHED_PROCESS_H

#include <sys/types.h>

/// Starts the program at `path` in a session of its own, with default signal handling and no inherited descriptor
/// but these: standard input is /dev/null, standard output and error are appended to the file `log`.
/// `arguments` and `environment` end with NULL. Returns 0 and sets `pid`, or an `errno` value.
int collab_detached_spawn(
    const char *path, char *const arguments[], char *const environment[], const char *directory, const char *log,
    pid_t *pid);

/// Opens a descriptor that goes on naming this very process when its pid is used again, and becomes readable when it
/// ends. Returns -1 with `errno` set when there is no such process.
int collab_process_open(pid_t pid);

/// Sends `signal` to the process behind a descriptor of `collab_process_open`. Returns 0, or -1 with `errno` set.
int collab_process_signal(int process, int signal);

/// Removes the System V shared memory segment `identifier` if it has `key` and nobody is attached to it.
/// Returns 1 when it was removed, 0 when there was nothing to remove.
int collab_shared_memory_remove(int key, int identifier);

#endif
