/* Bounds, the properties that a run checks, and the variants. Every name here can be given by `-D`. */

#define NODES 3
#define NOBODY 255

#ifndef OPS
#define OPS 2           /* operations of the client */
#endif
#ifndef FLIGHT
#define FLIGHT 1        /* how many of them it has in flight; the protocol says one */
#endif
#ifndef OTHERS
#define OTHERS 0        /* operations of other clients, each sent once, to any owner */
#endif
#ifndef CONNS
#define CONNS 2
#endif
#ifndef EPOCHS
#define EPOCHS 3        /* the last epoch; its owner does not fail */
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef LOSSES
#define LOSSES 0        /* statements and answers that are lost or late */
#endif
#ifndef BREAKS
#define BREAKS 0        /* streams that break although the owner is there */
#endif
#ifndef HANDOFFS
#define HANDOFFS 0
#endif

#define SLOTS (OPS + 1)
#define ALL_OPS (OPS + OTHERS)
#define ROWS (ALL_OPS + 2)      /* more than operations: variants write some twice */

/* The properties. CHECKS is a set of bits; a run of a variant checks the one property that it is to break. */
#ifndef CHECKS
#define CHECKS 511
#endif
#if CHECKS & 1
#define G1(x) assert(x)
#else
#define G1(x) skip
#endif
#if CHECKS & 2
#define G2(x) assert(x)
#else
#define G2(x) skip
#endif
#if CHECKS & 4
#define G3(x) assert(x)
#else
#define G3(x) skip
#endif
#if CHECKS & 8
#define G4(x) assert(x)
#else
#define G4(x) skip
#endif
#if CHECKS & 16
#define G5(x) assert(x)
#else
#define G5(x) skip
#endif
#if CHECKS & 32
#define HANDOFF(x) assert(x)
#else
#define HANDOFF(x) skip
#endif
#if CHECKS & 64
#define REFUSAL(x) assert(x)
#else
#define REFUSAL(x) skip
#endif
#if CHECKS & 128
#define NEWEST(x) assert(x)
#else
#define NEWEST(x) skip
#endif
#if CHECKS & 256
#define ONCE(x) assert(x)
#else
#define ONCE(x) skip
#endif
