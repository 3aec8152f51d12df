/* Nodes as owners: claim, look-up, check, handoff, end (Activator.swift, OwnerMachine, DocumentOwner.swift). */

inline serve(n) {
    node[n].phase = SERVING;
    node[n].own = epoch;
    node[n].committed = head;
#if WARM_STATE_TRUSTED
    if :: head > 0 -> node[n].committed = head - 1 :: true fi;
#endif
    node[n].ahead = node[n].committed
}

/* Raises the epoch and reads the head in one statement. Whoever believes in another epoch than the log's raises nothing,
   so that a claim that fails is no step here; why a node claims (refused, expired, unreachable) does not matter. */
inline raise(n) {
    epoch++;
#if WRITERS
    raiser[epoch] = n + 1;
#endif
    printf("node %d raises epoch %d, the log ends at %d\n", n, epoch, head);
    serve(n)
}

/* Applies an operation ahead of its commit and hands it to the log writer. */
inline apply(n, op) {
    node[n].ahead++;
    lane[n] ! node[n].own, node[n].ahead, op;
    printf("node %d applies operation %d as version %d in epoch %d\n", n, op & 31, node[n].ahead, node[n].own)
}
#define hasRoom(n) (node[n].ahead - node[n].committed < 2 && len(lane[n]) < 2)

inline refuseUnavailable(c, op) {
    printf("connection %d: operation %d is answered `unavailable`\n", c, op);
    held[slot(c, op)] = false; onWay[slot(c, op)] = false; base[slot(c, op)] = 0
}

/* `invalid_operation`, `forbidden`, `too_large`. */
inline refuse(c, op) {
    printf("connection %d: operation %d is refused for good\n", c, op);
    held[slot(c, op)] = false; onWay[slot(c, op)] = false; base[slot(c, op)] = 0;
    conn[c].refusal = op
}

/* Everything durable is told before, so that the gateway then has the committed version. */
inline acknowledge(n, c, op, known) {
    G1(known <= head && rowOp[known] == op);
    G3(version[op] == known);
    printf("connection %d: operation %d is acknowledged as version %d\n", c, op, known);
    conn[c].shown = (node[n].committed > known -> node[n].committed : known);
    held[slot(c, op)] = false; onWay[slot(c, op)] = false; base[slot(c, op)] = 0
}

#if DEDUP_FORGOTTEN
#define inPipeline(n, op) false
#else
#define inPipeline(n, op) (lane[n] ?? [eval(node[n].own), _, eval(op)])
#endif

/* Whether the client has another operation that this one does not build on: it is not applied then, and the client looks
   at the document again (`conflict`, or `unavailable` before the commit). */
#if OPS > 1 && !OWN_IGNORED && !DEDUP_FORGOTTEN && !LOWER_BASE_TRUSTED && !STRAY_APPLIED
#define other(op) (3 - op)
#define isPassed(n, c, op) ((version[other(op)] > base[slot(c, op)] && version[other(op)] <= node[n].committed) \
    || (node[n].lastOp == other(op) && node[n].lastVersion > base[slot(c, op)]) || inPipeline(n, other(op)))
#else
#define isPassed(n, c, op) false
#endif

/* Takes an operation that the owner believes to be new. */
inline acceptNew(n, c, op) {
    if
    :: isPassed(n, c, op) -> refuseUnavailable(c, op)
    :: else -> acceptOwnNext(n, c, op)
    fi
}

inline acceptOwnNext(n, c, op) {
    if
#if REFUSALS
#if REFUSAL_READS_EPOCH
    :: epoch == node[n].own -> refuse(c, op)
#elif TOMBSTONES
    :: hasRoom(n) -> apply(n, op | 32); node[n].lastOp = op; node[n].lastVersion = node[n].ahead
#else
    :: refuse(c, op)
#endif
#endif
    :: hasRoom(n) ->
        apply(n, op); node[n].lastOp = op; node[n].lastVersion = node[n].ahead;
#if ACK_BEFORE_COMMIT
        acknowledge(n, c, op, node[n].ahead)
#endif
    :: !hasRoom(n) -> refuseUnavailable(c, op)
    fi
}

#define isCurrent(n, c, num) (node[n].here == c + 1 && node[n].number == num && linked(c) && conn[c].link == n + 1)

/* Not durable as far as this owner knows: the commit answers. (If it is another owner's, nothing does.) */
inline answerKnown(n, c, op, known) {
    if
#if DUPLICATE_ACKNOWLEDGED
    :: acknowledge(n, c, op, known)
#else
    :: known <= node[n].committed -> acknowledge(n, c, op, known)
    :: else -> printf("node %d does not answer operation %d, version %d: it has %d\n", n, op, known, node[n].committed)
#endif
    fi
}

/* One in flight: whoever builds on his last operation has had its answer, so what he sends is new. */
#if LOWER_BASE_TRUSTED
#define buildsOnLast(n, based) (node[n].lastOp != 0)
#else
#define buildsOnLast(n, based) (node[n].lastOp != 0 && based >= node[n].lastVersion)
#endif

/* An owner takes a submission (OwnerMachine+Submissions.swift). Its window may reach below, or not. */
inline take(n, c, op) {
    onWay[slot(c, op)] = false;
    if
    :: node[n].lastOp == op -> answerKnown(n, c, op, node[n].lastVersion)
#if !DEDUP_FORGOTTEN
    :: node[n].lastOp != op && version[op] != 0 && version[op] <= node[n].committed ->
        acknowledge(n, c, op, version[op])      /* in the window */
    :: node[n].lastOp != op && inPipeline(n, op)    /* its commit answers */
#endif
    :: node[n].lastOp != op && !inPipeline(n, op) ->
        if
        :: !isCurrent(n, c, conn[c].token) ->
#if STRAY_APPLIED
            acceptNew(n, c, op)
#else
            /* Looked up, never applied. */
            if
            :: version[op] != 0 -> answerKnown(n, c, op, version[op])
            :: else -> refuseUnavailable(c, op)
            fi
#endif
        :: else ->
            if
            :: base[slot(c, op)] > node[n].committed -> refuse(c, op)
#if DEDUP_FORGOTTEN
            :: else -> acceptNew(n, c, op)
#else
            :: base[slot(c, op)] <= node[n].committed && buildsOnLast(n, base[slot(c, op)]) -> acceptNew(n, c, op)
            :: else ->
                printf("node %d looks operation %d of connection %d up\n", n, op, c);
                node[n].asked = op; node[n].askedBy = c; node[n].askedNumber = conn[c].token
#endif
            fi
        fi
    fi
}

/* The log's answer reaches the owner. */
inline lookedUp(n) {
    w = node[n].asked; b = node[n].askedBy; v = node[n].answer; ok = isCurrent(n, b, node[n].askedNumber);
    node[n].asked = 0; node[n].askedBy = 0; node[n].askedNumber = 0; node[n].answer = NO_ANSWER;
    if
    :: ok && v == ABSENT -> acceptNew(n, b, w)
    :: ok && v != ABSENT && v <= node[n].committed -> acknowledge(n, b, w, v)
    :: ok && v != ABSENT && v > node[n].committed ->
        printf("node %d does not answer operation %d, version %d: it has %d\n", n, w, v, node[n].committed)
    :: !ok
    fi
}

#define isSucceeded(n) (node[n].own != epoch)
#define mayEnd(n) (epoch < EPOCHS || node[n].own < epoch)

#if OLD_OWNER_CONFIRMS
#define confirms(successor, former) true
#else
#define confirms(successor, former) (successor > former)
#endif

#define isOwner(n, state, e) (node[n].phase == state && node[n].own == e)
#define anyone(state, e) (isOwner(0, state, e) || isOwner(1, state, e) || isOwner(2, state, e))

/* A request of a passed epoch stands before one of the owner's that moves the head, and its row is free. */
#define joinsOlder(n) (e != epoch && len(lane[n]) == 2 && isOwner(n, SERVING, epoch) && node[n].ahead == node[n].committed + 1 && head == node[n].committed && v != node[n].ahead && rowOp[v] == 0)

proctype Member(byte n) {
end:
    do
    /* The log executes the statement that is under way. */
    :: atomic { len(lane[n]) > 0 && node[n].fate == UNDER_WAY ->
        lane[n] ? <e, v, o>;
#if EXISTS
        if :: epoch == e -> node[n].fate = CHECKED :: else -> node[n].fate = REFUSED fi;
        printf("log: node %d may append version %d in epoch %d: %d\n", n, v, e, node[n].fate == CHECKED)
#else
#if EPOCH_NOT_JOINED
        if
        :: joinsOlder(n) ->
            /* One statement of both requests: the later one moves the head. */
            lane[n] ? e, v, o;
            printf("log: node %d writes version %d, operation %d in epoch %d beside its rows of epoch %d\n",
                n, v, o, e, epoch);
            insert(e, v, o, n);
            lane[n] ? <e, v, o>
        :: else
        fi;
#endif
        if
        :: moves(e, v) ->
            insert(e, v, o, n);
            printf("log: version %d is operation %d, by node %d in epoch %d\n", v, o & 31, n, e);
            node[n].fate = WRITTEN
        :: else ->
            printf("log: refuses version %d, operation %d of node %d in epoch %d: epoch %d, head %d\n",
                v, o & 31, n, e, epoch, head);
            node[n].fate = REFUSED
        fi
#endif
        }
#if EXISTS
    :: atomic { node[n].fate == CHECKED ->
        lane[n] ? <e, v, o>;
        if
        :: rowOp[v] == 0 ->
            insert(e, v, o, n);
            printf("log: version %d is operation %d, by node %d in epoch %d\n", v, o, n, e);
            node[n].fate = WRITTEN
        :: else -> node[n].fate = FAILED
        fi }
#endif
    /* The writer learns of it and tells the owner that asked, if that is still there. */
    :: atomic { node[n].fate == WRITTEN -> lane[n] ? e, v, o; node[n].fate = UNDER_WAY; durable(n, e, v, o) }
    :: atomic { node[n].fate == REFUSED ->
        lane[n] ? e, v, o; node[n].fate = UNDER_WAY;
        if
#if REFUSAL_IS_WRITTEN
        :: durable(n, e, v, o)
#else
        :: epoch != e -> endOwnerOf(n, e)
        :: epoch == e && rowOp[v] == (o & 31) && rowEpoch[v] == e -> durable(n, e, v, o)
        :: epoch == e && !(rowOp[v] == (o & 31) && rowEpoch[v] == e) -> endOwnerOf(n, e)
#endif
        fi }
#if LOSSES
    :: atomic { node[n].fate == FAILED ->
        lane[n] ? e, v, o; node[n].fate = UNDER_WAY; endOwnerOf(n, e) }
    /* The connection is lost after the statement was executed: it is sent again, unchanged. */
    :: atomic { losses > 0 && (node[n].fate == WRITTEN || node[n].fate == REFUSED) ->
        printf("node %d loses its connection to the log after its statement was executed\n", n);
        losses--; node[n].fate = UNDER_WAY }
    /* The same before it was executed, which it may be later. */
    :: atomic { losses > 0 && len(lane[n]) > 0 && node[n].fate == UNDER_WAY && lateOp == 0 ->
        printf("node %d loses its connection to the log, its statement is on the way\n", n);
        losses--; lane[n] ? <lateEpoch, lateVersion, lateOp> }
    /* The server refuses the statement for a reason of its own. */
    :: atomic { losses > 0 && len(lane[n]) > 0 && node[n].fate == UNDER_WAY && epoch < EPOCHS ->
        printf("log: node %d's statement fails, nothing is written\n", n);
        losses--; node[n].fate = FAILED }
#endif
#if UNKNOWN_IS_WRITTEN
    :: atomic { losses > 0 && len(lane[n]) > 0 && node[n].fate == UNDER_WAY ->
        printf("node %d loses its connection and takes its statement for written\n", n);
        losses--; node[n].fate = WRITTEN }
#endif

    /* ---- The owner ---- */

    :: atomic { node[n].phase == NONE && epoch < EPOCHS -> raise(n) }
#if CONTINUES
    :: atomic { node[n].phase == NONE && len(lane[n]) == 0 ->
        printf("node %d goes on with epoch %d, which it finds in the log\n", n, epoch);
        serve(n) }
#endif
#if LOSSES
    /* The epoch was raised, and the answer was lost: nobody serves under it. */
    :: atomic { node[n].phase == NONE && losses > 0 && epoch + 1 < EPOCHS ->
        losses--; epoch++;
        printf("node %d raises epoch %d and does not hear of it\n", n, epoch) }
#endif
#if OTHERS
    :: atomic { node[n].phase == SERVING && others > 0 && hasRoom(n) -> apply(n, OPS + others); others-- }
#endif

    /* A look-up: the question is read in the log, then the answer is taken. */
    :: atomic { node[n].asked != 0 && node[n].answer == NO_ANSWER ->
        node[n].answer = (version[node[n].asked] != 0 -> version[node[n].asked] : ABSENT);
        printf("log: operation %d is version %d (15: not there)\n", node[n].asked, node[n].answer) }
    :: atomic { node[n].answer != NO_ANSWER && node[n].phase == SERVING -> lookedUp(n) }
#if LOSSES
    :: atomic { node[n].asked != 0 && node[n].answer == NO_ANSWER && node[n].phase == SERVING && losses > 0 ->
        losses--;
        w = node[n].asked; b = node[n].askedBy; ok = isCurrent(n, b, node[n].askedNumber);
        node[n].asked = 0; node[n].askedBy = 0; node[n].askedNumber = 0;
        if :: ok -> refuseUnavailable(b, w) :: else fi }
#endif

#if !NO_CHECK
    /* Reads its epoch: the lease lapsed, somebody doubts it, or nothing was appended for long. */
    :: atomic { node[n].phase != NONE && isSucceeded(n) ->
        printf("node %d reads epoch %d: not the owner of epoch %d any more\n", n, epoch, node[n].own);
        endOwner(n) }
#endif

#if HANDOFFS
    /* Everything is durable: the successor is asked. */
    :: atomic { node[n].phase == SERVING && handoffs > 0 && requestTo == 0 && reply == 0 && mayEnd(n) && node[n].committed == node[n].ahead ->
        handoffs--;
        node[n].phase = HANDING; requestEpoch = node[n].own;
        if :: requestTo = (n + 1) % NODES + 1 :: requestTo = (n + 2) % NODES + 1 fi;
        printf("node %d asks node %d to take over from epoch %d\n", n, requestTo - 1, node[n].own) }
    /* The successor is asked, perhaps long after. */
    :: atomic { requestTo == n + 1 ->
        e = requestEpoch; requestTo = 0; requestEpoch = 0; w = 0; v = 0;
        if
        :: node[n].phase != NONE && node[n].own <= e ->
#if OLD_OWNER_CONFIRMS
            w = TOOK_OVER; v = node[n].own
#else
            w = DECLINED
#endif
        :: node[n].phase != NONE && node[n].own > e -> w = TOOK_OVER; v = node[n].own
        :: node[n].phase == NONE && epoch == e && epoch < EPOCHS ->
            /* Nobody goes on under the epoch that is handed over here. */
            HANDOFF(!anyone(SERVING, e));
            raise(n); w = TOOK_OVER; v = epoch
        :: node[n].phase == NONE -> w = DECLINED
        fi;
        /* Heard by the owner that waits, if it still does. */
        if
        :: anyone(HANDING, e) ->
            if :: reply = w; replyEpoch = v :: true fi
        :: else
        fi }
    /* The owner hears from it, or gives up, and reads its epoch unless the answer says enough. */
    :: atomic { node[n].phase == HANDING ->
        if
        :: reply == TOOK_OVER && confirms(replyEpoch, node[n].own) ->
            HANDOFF(isSucceeded(n));
            printf("node %d has handed over to epoch %d\n", n, replyEpoch);
            endOwner(n)
        :: reply != TOOK_OVER && isSucceeded(n) ->
            printf("node %d reads epoch %d: it has handed over\n", n, epoch);
            endOwner(n)
        :: reply == DECLINED && !isSucceeded(n) ->
            printf("node %d goes on in epoch %d: the successor declined\n", n, node[n].own);
            reply = 0; node[n].phase = SERVING
        :: reply == 0 && !isSucceeded(n) ->
#if HANDOFF_GOES_ON
            printf("node %d goes on in epoch %d: the successor said nothing\n", n, node[n].own);
            node[n].phase = SERVING
#else
            printf("node %d gives epoch %d up: the successor said nothing\n", n, node[n].own);
            endOwner(n)
#endif
        fi }
#endif
    od
}

/* A node dies. A statement that was sent before may still be executed. */
#define mayDie(m) (node[m].phase + len(lane[m]) > 0 && mayEnd(m))
inline crash(m) {
    crashes--;
    printf("node %d dies\n", m);
    endOwner(m);
    if
    :: len(lane[m]) > 0 && node[m].fate == UNDER_WAY && lateOp == 0 -> lane[m] ? <lateEpoch, lateVersion, lateOp>
    :: true
    fi;
    do :: len(lane[m]) > 0 -> lane[m] ? e, v, o :: else -> break od;
    node[m].fate = UNDER_WAY
}
