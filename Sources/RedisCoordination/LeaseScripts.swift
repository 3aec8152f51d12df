internal import RedisClient

/// The Lua scripts, one key each. All times are Redis's own.
enum LeaseScripts {
    /// Writes or renews a node's lease, and announces it when there was none. Arguments: incarnation, record, time to
    /// live in milliseconds, channel. Replies 1 (held), or the incarnation that holds it, as text: Lua's numbers would
    /// round it.
    ///
    /// A lease of somebody else with more than the time to live before it was given by a clock that has been set back
    /// since. It is given that time from now on: who lives renews it, and who has ended does not keep his successor out.
    static let renewNode = RedisScript(
        """
        local current = redis.call('GET', KEYS[1])
        local holder = current and string.match(current, '^%-?%d+')
        if holder and holder ~= ARGV[1] then
            if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
            return holder
        end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        if not holder then redis.call('PUBLISH', ARGV[4], 'join') end
        return 1
        """)

    /// Deletes a node's lease if it is this incarnation's, and announces it. Arguments: incarnation, channel. Replies
    /// whether it was deleted (1 or 0).
    static let leaveNode = RedisScript(
        """
        local current = redis.call('GET', KEYS[1])
        if not current or string.match(current, '^%-?%d+') ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[1])
        redis.call('PUBLISH', ARGV[2], 'leave')
        return 1
        """)

    /// Enters a node into the index of members, and drops those that have not renewed for long. Arguments: node id,
    /// milliseconds after which an entry is dropped.
    static let indexNode = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[2]))
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return 1
        """)

    /// Prolongs the marker, or gives birth to it. Argument: time to live in milliseconds.
    static let writeMarker = RedisScript(
        """
        if redis.call('PEXPIRE', KEYS[1], ARGV[1]) == 1 then return 0 end
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('SET', KEYS[1], string.format('%.0f', now), 'PX', ARGV[1])
        return 1
        """)

    /// Replies the marker's age in milliseconds, or nothing.
    static let markerAge = RedisScript(
        """
        local birth = tonumber(redis.call('GET', KEYS[1]) or '')
        if not birth then return false end
        local time = redis.call('TIME')
        return math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - birth)
        """)

    /// Puts a document's lease in the place of the expected one, or of none. Arguments: expected (empty: none), new.
    /// Replies 1, or the lease that stands there. What is no lease is replaced.
    static let claim = RedisScript(
        """
        local current = redis.call('GET', KEYS[1])
        if current and string.match(current, '^%S+ %-?%d+ %-?%d+$') and current ~= ARGV[1] then
          if current == ARGV[2] then return 1 end
          return current
        end
        redis.call('SET', KEYS[1], ARGV[2])
        return 1
        """)

    /// Deletes a document's lease if it is exactly this one. Argument: the lease.
    static let release = RedisScript(
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
        return 0
        """)
}
