#ifndef COLLAB_SIMULATION_HOOKS_H
#define COLLAB_SIMULATION_HOOKS_H

#include <stdint.h>

/// Takes a job that the Swift runtime wants to have run. Called on the thread that enqueues it.
typedef void (*collab_simulation_enqueue)(void *job);

/// Sends every job of the process's global and main executors to `enqueue` from now on. Call once, before any task
/// exists that is meant to be simulated, on the thread that will run the jobs.
void collab_simulation_install(collab_simulation_enqueue enqueue);

/// Runs a job on the calling thread until it suspends or ends.
void collab_simulation_run(void *job);

/// Jobs that another thread than the installing one has enqueued: not zero means that a run is not deterministic.
uint64_t collab_simulation_foreign_jobs(void);

/// Jobs that were to run after a real delay (`Task.sleep`): they are never run, and not zero means that something reads
/// the real clock.
uint64_t collab_simulation_delayed_jobs(void);

#endif
