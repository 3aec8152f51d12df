/* The client and its connections, each with a session at a gateway (ClientMachine, ReplicaMachine). */

inline close(c) {
    conn[c].session = CLOSED;
    conn[c].link = 0; conn[c].linkEpoch = 0; conn[c].shown = 0; conn[c].token = 0; conn[c].joined = false; conn[c].started = 0; conn[c].refusal = 0;
    i = 1; do :: i <= OPS -> held[slot(c, i)] = false; onWay[slot(c, i)] = false; base[slot(c, i)] = 0; i++
        :: else -> break od;
    i = 0;
    if :: mine == c -> mine = NOBODY :: else fi
}

/* A gateway takes no frame of an older epoch than it has heard. A stream that works is left only when it breaks. */
#if BREAKS
#define mayOpen(c, n) (conn[c].session == ATTACHED && node[n].phase == SERVING && node[n].own >= conn[c].linkEpoch && (!linked(c) || breaks > 0))
#else
#define mayOpen(c, n) (conn[c].session == ATTACHED && node[n].phase == SERVING && node[n].own >= conn[c].linkEpoch && !linked(c))
#endif
inline open(c, n) {
#if BREAKS
    if :: linked(c) -> breaks-- :: else fi;
#endif
    G2(node[n].committed >= conn[c].shown);
    printf("connection %d: its gateway opens a stream to node %d, epoch %d\n", c, n, node[n].own);
    conn[c].link = n + 1; conn[c].linkEpoch = node[n].own; conn[c].joined = false;
    i = 1; do :: i <= OPS -> onWay[slot(c, i)] = false; i++ :: else -> break od;
    i = 0;
    if :: conn[c].started == EPOCH_READ -> conn[c].started = ASKS :: else fi
}

/* Whether a connection takes the place of its client's present one (OwnerMachine+Clients.swift, isNewest): by the order
   in which the client opened them. UNORDERED: a client that does not say; a number is an epoch and an ordinal. */
#if UNORDERED
#define isNewest(n, c) (node[n].number == 0 || conn[c].token == 0 \
    || (conn[c].token / 8 == node[n].own && conn[c].token == node[n].number) || (conn[c].token / 8 != node[n].own && conn[c].token >= node[n].order))
#else
#define isNewest(n, c) (node[n].here == 0 || c + 1 >= node[n].here)
#endif

/* NUMBERED: an older connection without a number, whose join comes after its client has gone, is left out. */
#if NUMBERED
#define isLate(c) (mine != c && conn[c].token == 0)
#else
#define isLate(c) false
#endif

inline join(n, c) {
    if
    :: !isNewest(n, c) ->
        NEWEST(mine != c);
        printf("connection %d is not the newest and is closed\n", c); close(c)
    :: else ->
        s2 = node[n].here;
        if
        :: s2 != 0 && s2 != c + 1 && linked(s2 - 1) && conn[s2 - 1].link == n + 1 ->
            /* The other one is told, unless its stream breaks first. */
            if
            :: NEWEST(mine != s2 - 1); printf("connection %d is replaced\n", s2 - 1); close(s2 - 1)
            :: mine != s2 - 1       /* what it has sent may arrive before it is closed */
#if BREAKS
            :: breaks > 0 -> breaks--; conn[s2 - 1].link = 0;
                printf("connection %d is not told that it is replaced\n", s2 - 1)
#endif
            fi
        :: else
        fi;
        node[n].numbers++;
        assert(node[n].numbers < 8);
        w = node[n].own * 8 + node[n].numbers;
        if :: conn[c].token != 0 && conn[c].token == node[n].number :: else -> node[n].order = (conn[c].token != 0 -> conn[c].token : w) fi;
        node[n].number = w; node[n].here = c + 1;
        printf("connection %d joins at node %d as number %d.%d\n", c, n, node[n].own, node[n].numbers);
        if
        :: conn[c].token = w; conn[c].joined = true;
            i = 1;
            do
            :: i <= OPS -> onWay[slot(c, i)] = held[slot(c, i)]; i++
            :: else -> break
            od;
            i = 0
#if BREAKS
        /* The answer is lost with the stream. */
        :: breaks > 0 -> breaks--; printf("connection %d does not hear of it\n", c);
            conn[c].link = 0
#endif
        fi
    fi;
    s2 = 0; w = 0
}

/* Commits reach the gateway, and with them the answers to what it holds. */
inline deliver(c) {
    conn[c].shown = node[at(c)].committed;
    i = 1;
    do
    :: i <= OPS ->
        if
        :: held[slot(c, i)] && version[i] != 0 && version[i] <= conn[c].shown ->
            held[slot(c, i)] = false; base[slot(c, i)] = 0; onWay[slot(c, i)] = false
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0
}

proctype Gateway(byte c) {
end:
    do
    :: atomic { mayOpen(c, 0) -> open(c, 0) }
    :: atomic { mayOpen(c, 1) -> open(c, 1) }
    :: atomic { mayOpen(c, 2) -> open(c, 2) }
    :: atomic { served(c) && !conn[c].joined && !isLate(c) -> join(at(c), c) }

    /* A session is shown the document after its owner has read the epoch for it. */
#if EPOCH_NOT_READ
    :: atomic { served(c) && conn[c].started == ASKS -> conn[c].started = EPOCH_READ }
#else
    :: atomic { linked(c) && conn[c].started == ASKS && node[at(c)].own == epoch -> conn[c].started = EPOCH_READ }
#endif
    :: atomic { served(c) && conn[c].started == EPOCH_READ ->
        G2(mine != c || node[at(c)].committed >= clientVersion);
        printf("connection %d is shown version %d\n", c, node[at(c)].committed);
        conn[c].started = STARTED; conn[c].shown = node[at(c)].committed }
    :: atomic { linked(c) && conn[c].started == STARTED && node[at(c)].committed > conn[c].shown -> deliver(c) }

    /* The owner takes the first submission that is on its way. */
    :: atomic { served(c) && node[at(c)].asked == 0 && onWay[slot(c, 1)] -> take(at(c), c, 1) }
#if OPS > 1
    :: atomic { served(c) && node[at(c)].asked == 0 && !onWay[slot(c, 1)] && onWay[slot(c, 2)] -> take(at(c), c, 2) }
#endif

    /* The gateway notices that the client has gone. The owner may hear of it. */
    :: atomic { conn[c].session == ATTACHED && mine != c ->
        printf("connection %d: its gateway notices that the client has gone\n", c);
        if
        :: linked(c) && conn[c].joined && node[at(c)].here == c + 1 -> node[at(c)].here = 0
        :: true
        fi;
        close(c) }
    od
}

#define unsettled(op) (settled[op] == NOTHING)
#if OPS == 1
#define allSettled (!unsettled(1))
#define inTurn(op) true
#define seesRefused false
#else
/* The refused operation is in the document after all: what was sent for it is left to the server, which drops it. */
#define seesRefused (again && unsettled(2) && version[1] != 0 && version[1] <= clientVersion)
#define allSettled (!unsettled(1) && !unsettled(2))
#define inTurn(op) (op < 1 + FLIGHT || !unsettled(1))
#endif

inline submit(op) {
    printf("the client sends operation %d on connection %d, based on %d\n", op, mine, clientVersion);
    held[slot(mine, op)] = true;
    onWay[slot(mine, op)] = conn[mine].joined;
    base[slot(mine, op)] = clientVersion;
#if OPS > 1
    if
    :: op == 2 && settled[1] == TOLD_REFUSED && !(version[1] != 0 && version[1] <= clientVersion) -> again = true
    :: else
    fi
#endif
}
/* ONE_COPY: nothing is sent again on the connection on which it was refused, so that the answer and the resend do not
   cross. */
#if ONE_COPY
#define crosses (conn[mine].refusal != 0)
#else
#define crosses false
#endif
#define maySubmit(op) (mine != NOBODY && conn[mine].started == STARTED && unsettled(op) && inTurn(op) && !held[slot(mine, op)] && !crosses)

inline takeNews() {
    clientVersion = conn[mine].shown;
    i = 1;
    do
    :: i <= OPS ->
        if
        :: unsettled(i) && version[i] != 0 && version[i] <= clientVersion ->
#if TOMBSTONES
            settled[i] = (tombstone[i] -> TOLD_REFUSED : ACKNOWLEDGED);
#else
            settled[i] = ACKNOWLEDGED;
#endif
            printf("the client hears of operation %d: version %d\n", i, version[i])
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0;
    if
    :: seesRefused ->
        printf("the client sees operation 1, which was refused, as version %d\n", version[1]);
        settled[OPS] = IN_ANOTHER
    :: else
    fi;
    if
    :: conn[mine].refusal != 0 && unsettled(conn[mine].refusal) ->
        REFUSAL(version[conn[mine].refusal] == 0);  /* never reached where it holds: there nothing is refused */
        printf("the client hears that operation %d is refused\n", conn[mine].refusal);
        settled[conn[mine].refusal] = TOLD_REFUSED
    :: else
    fi;
    conn[mine].refusal = 0
}

proctype Client() {
    do
    /* It connects, or comes back, while its gateway may still believe in the old connection. */
    :: atomic { connections < CONNS ->
        mine = connections; connections++;
        conn[mine].session = ATTACHED;
        printf("the client opens connection %d\n", mine) }
    :: atomic { maySubmit(1) -> submit(1) }
#if OPS > 1
    :: atomic { maySubmit(2) -> submit(2) }
#endif
    :: atomic { mine != NOBODY && conn[mine].started == STARTED && (conn[mine].shown > clientVersion || conn[mine].refusal != 0) ->
        takeNews() }
    :: atomic { allSettled -> break }
    /* Its last connection was closed. */
    :: atomic { connections == CONNS && mine == NOBODY -> break }
    od
}
