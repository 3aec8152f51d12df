/* The log, and each node's log writer (LogLane.swift; PostgresStore+Append.swift). */

#if WRITERS
#define raiserOf(rowE) (raiser[rowE] - 1)
#else
#define raiserOf(rowE) 0
#endif

/* Writes one row. What is asserted here needs no constraint of the table: the protocol alone has to keep it. */
inline insert(rowE, rowV, rowO, writer) {
    G4(rowOp[rowV] == 0);
    G4(rowV == 1 || rowOp[rowV - 1] != 0);
    G5(rowE == epoch);
    G5(rowV == 1 || rowEpoch[rowV - 1] <= rowE);
    G3(version[rowO & 31] == 0);
#if WRITERS
    G5(raiser[rowE] == writer + 1);
#endif
#if TOMBSTONES
    if :: rowO & 32 -> tombstone[rowO & 31] = true :: else fi;
#else
    REFUSAL(rowO > OPS || settled[rowO] != TOLD_REFUSED);
#endif
    rowOp[rowV] = rowO & 31;
    rowEpoch[rowV] = rowE;
    version[rowO & 31] = rowV;
#if OPS > 1
    ONCE(!(again && version[1] != 0 && version[2] != 0));
#endif
    if :: rowV > head -> head = rowV :: else fi
}

/* Whether the append's statement moves the head: in one step with the insertion, as the row lock makes it. */
#if EPOCH_NOT_COMPARED
#define moves(rowE, rowV) (head == rowV - 1)
#elif HEAD_NOT_COMPARED
#define moves(rowE, rowV) (epoch == rowE && rowOp[rowV] == 0)
#else
#define moves(rowE, rowV) (epoch == rowE && head == rowV - 1)
#endif

/* The writer hears that everything up to rowV is durable. */
inline durable(n, rowE, rowV, rowO) {
    if
    :: node[n].phase != NONE && node[n].own == rowE ->
        G1(rowOp[rowV] == (rowO & 31) && rowEpoch[rowV] == rowE);
        printf("node %d: version %d, operation %d is durable in epoch %d\n", n, rowV, rowO & 31, rowE);
        node[n].committed = rowV
    :: else
    fi
}

/* Ends the owner of that epoch: what is not durable is forgotten, every stream is closed. */
inline endOwner(n) {
    if :: node[n].phase == HANDING -> reply = 0; replyEpoch = 0 :: else fi;
    node[n].phase = NONE; node[n].own = 0; node[n].committed = 0; node[n].ahead = 0;
    node[n].lastOp = 0; node[n].lastVersion = 0;
    node[n].here = 0; node[n].number = 0; node[n].order = 0; node[n].numbers = 0;
    node[n].asked = 0; node[n].askedBy = 0; node[n].askedNumber = 0; node[n].answer = 0
}

inline endOwnerOf(n, rowE) {
    if
    :: node[n].phase != NONE && node[n].own == rowE ->
        printf("node %d: not the owner any more, epoch %d\n", n, rowE);
        endOwner(n)
    :: else
    fi
}

inline executeLate() {
    if
    :: moves(lateEpoch, lateVersion) ->
        insert(lateEpoch, lateVersion, lateOp, raiserOf(lateEpoch));
        printf("log: version %d is operation %d in epoch %d, by a statement that nobody waits for\n",
            lateVersion, lateOp & 31, lateEpoch)
    :: !moves(lateEpoch, lateVersion) -> printf("log: refuses a late statement of epoch %d\n", lateEpoch)
    :: true -> printf("a statement of epoch %d is lost\n", lateEpoch)
    fi;
    lateEpoch = 0; lateVersion = 0; lateOp = 0
}
