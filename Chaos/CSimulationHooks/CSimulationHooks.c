#include "CSimulationHooks.h"

#include <pthread.h>
#include <stdatomic.h>

// The runtime's own hooks and entry point (swift/include/swift/Runtime/Concurrency.h). An executor reference is two
// words; zeros mean the generic executor.
#define SWIFT_CC __attribute__((swiftcall))

extern SWIFT_CC void (*swift_task_enqueueGlobal_hook)(void *job, void *original);
extern SWIFT_CC void (*swift_task_enqueueMainExecutor_hook)(void *job, void *original);
extern SWIFT_CC void (*swift_task_enqueueGlobalWithDelay_hook)(unsigned long long delay, void *job, void *original);
extern SWIFT_CC void (*swift_task_enqueueGlobalWithDeadline_hook)(
    long long seconds, long long nanoseconds, long long toleranceSeconds, long long toleranceNanoseconds, int clock,
    void *job, void *original);
extern SWIFT_CC void swift_job_run(void *job, uintptr_t executor, uintptr_t implementation);

static collab_simulation_enqueue take;
static pthread_t owner;
static atomic_uint_fast64_t foreign;
static atomic_uint_fast64_t delayed;

static SWIFT_CC void enqueue(void *job, void *original) {
    (void)original;
    if (!pthread_equal(pthread_self(), owner)) {
        // Not run: the thread that would run it is not the one that may touch the job list.
        atomic_fetch_add(&foreign, 1);
        return;
    }
    take(job);
}

static SWIFT_CC void enqueueWithDelay(unsigned long long delay, void *job, void *original) {
    (void)delay;
    (void)job;
    (void)original;
    atomic_fetch_add(&delayed, 1);
}

static SWIFT_CC void enqueueWithDeadline(
    long long seconds, long long nanoseconds, long long toleranceSeconds, long long toleranceNanoseconds, int clock,
    void *job, void *original) {
    (void)seconds;
    (void)nanoseconds;
    (void)toleranceSeconds;
    (void)toleranceNanoseconds;
    (void)clock;
    (void)job;
    (void)original;
    atomic_fetch_add(&delayed, 1);
}

void collab_simulation_install(collab_simulation_enqueue enqueueJob) {
    take = enqueueJob;
    owner = pthread_self();
    swift_task_enqueueGlobal_hook = enqueue;
    swift_task_enqueueMainExecutor_hook = enqueue;
    swift_task_enqueueGlobalWithDelay_hook = enqueueWithDelay;
    swift_task_enqueueGlobalWithDeadline_hook = enqueueWithDeadline;
}

void collab_simulation_run(void *job) { swift_job_run(job, 0, 0); }

uint64_t collab_simulation_foreign_jobs(void) { return atomic_load(&foreign); }

uint64_t collab_simulation_delayed_jobs(void) { return atomic_load(&delayed); }
