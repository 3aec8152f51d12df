/* Who owns a document, and what its log gets: the ownership protocol of the cluster, for the model checker Spin.
 *
 *   Chaos/Model/check        runs all configurations; README.md says what is modelled and how to read a counterexample
 *
 * One document, NODES nodes, one client with OPS operations and CONNS connections, OTHERS operations of other clients.
 * There is no time: a lease can run out, a process can be stopped and a message can be late whenever another step comes
 * first. What is bounded is how often something breaks.
 */

#include "parameters.pml"

/* ---- The log: document_ownership and operations ---- */

byte epoch = 1;
byte head;
byte rowOp[ROWS + 1];           /* by version; 0: there is no such row */
byte rowEpoch[ROWS + 1];
byte version[ALL_OPS + 1];      /* the other way round: an operation's version; 0: it is not in the log */
#if TOMBSTONES
bool tombstone[ALL_OPS + 1];    /* its row says that it was refused */
#endif
#if WRITERS
byte raiser[EPOCHS + 1];        /* who raised an epoch */
#endif

/* A node's log writer: statements in order, the first is under way. */
chan lane[NODES] = [2] of { byte, byte, byte };     /* epoch, version, operation */
#define UNDER_WAY 0
#define WRITTEN 1
#define REFUSED 2
#define FAILED 3
#define CHECKED 4               /* only where the check and the insertion are two steps */

/* A statement on a connection that was lost: it may still be executed, and nobody hears of it. */
byte lateEpoch, lateVersion, lateOp;

/* ---- Nodes, with at most one owner each ---- */

#define NONE 0
#define SERVING 1
#define HANDING 2               /* takes nothing more; the successor has been asked */
#define NO_ANSWER 0
#define ABSENT 15               /* otherwise the version */

typedef Node {
    unsigned fate : 3;          /* what the log has said of the lane's first statement */
    unsigned phase : 2;
    unsigned own : 3;           /* the owner's epoch */
    unsigned committed : 3;
    unsigned ahead : 3;         /* applied up to here */
    unsigned lastOp : 2;        /* the client's last operation under this epoch */
    unsigned lastVersion : 3;
    unsigned here : 2;          /* the client's newest connection, plus 1; 0: gone */
    unsigned number : 6;        /* the number that was given to it; 0: the client has never been here */
    unsigned order : 6;         /* the number that it brought */
    unsigned numbers : 3;       /* how many numbers were given */
    unsigned asked : 2;         /* the operation that the log is asked about; 0: nothing is asked */
    unsigned askedBy : 2;       /* the connection that it came on, and the number of that */
    unsigned askedNumber : 6;
    unsigned answer : 4
}
Node node[NODES];

/* A handoff: one at a time. */
byte requestTo, requestEpoch;   /* on its way; the node plus 1 */
byte reply, replyEpoch;         /* on its way back to the owner that waits */
#define DECLINED 1
#define TOOK_OVER 2

/* ---- The client's connections, each a session at a gateway ---- */

#define UNUSED 0
#define ATTACHED 1
#define CLOSED 2
#define ASKS 0
#define EPOCH_READ 1
#define STARTED 2

typedef Connection {
    unsigned session : 2;
    unsigned link : 2;          /* the node, plus 1, that its gateway's stream goes to */
    unsigned linkEpoch : 3;     /* the highest epoch that it has heard, which is the stream's */
    unsigned shown : 3;         /* the version that the gateway has */
    unsigned token : 6;         /* the number that it was given last; 0: none yet */
    unsigned joined : 1;
    unsigned started : 2;
    unsigned refusal : 2        /* an operation; told to the client with the next thing it takes */
}
Connection conn[CONNS];

/* What a gateway keeps of a connection's operations. */
#define slot(c, op) (c) * OPS + (op) - 1
bool held[CONNS * OPS];         /* until they are answered */
bool onWay[CONNS * OPS];        /* on their way to the owner */
byte base[CONNS * OPS];

/* ---- The client ---- */

byte connections;               /* opened until now */
byte mine = NOBODY;             /* the present one */
byte clientVersion;
byte settled[SLOTS];            /* what it has been told of an operation */
#define NOTHING 0
#define ACKNOWLEDGED 1
#define TOLD_REFUSED 2
#define IN_ANOTHER 3            /* its edit was applied as the operation that it was to stand for */
#if OPS > 1
bool again;                     /* operation 2 is the edit of operation 1, which was refused, sent once more */
#endif

/* ---- What may still go wrong ---- */

byte others = OTHERS;
byte crashes = CRASHES;
byte losses = LOSSES;
byte breaks = BREAKS;
byte handoffs = HANDOFFS;

/* Scratch: not part of a state. */
hidden byte e, v, o, i, w, b, s2;
hidden byte ok;

/* Whether a gateway's stream goes to an owner that is still there. */
#define at(c) (conn[c].link - 1)
#define linked(c) (conn[c].link != 0 && node[at(c)].phase != NONE && node[at(c)].own == conn[c].linkEpoch)
#define served(c) (linked(c) && node[at(c)].phase == SERVING)

#include "log.pml"
#include "owner.pml"
#include "client.pml"

init {
    atomic {
        node[0].phase = SERVING; node[0].own = 1;
#if WRITERS
        raiser[1] = 1;
#endif
        i = 0; do :: i < NODES -> run Member(i); i++ :: else -> break od;
        i = 0; do :: i < CONNS -> run Gateway(i); i++ :: else -> break od;
        i = 0;
        run Client()
    }
    /* Statements whose connection or whose node is gone; and the death of nodes. */
end:
    do
    :: atomic { lateOp != 0 -> executeLate() }
#if CRASHES
    :: atomic { crashes > 0 && mayDie(0) -> crash(0) }
    :: atomic { crashes > 0 && mayDie(1) -> crash(1) }
    :: atomic { crashes > 0 && mayDie(2) -> crash(2) }
#endif
    od
}
