-- KEYS: the buckets. ARGV: now, for how many milliseconds a bucket is kept that is due; and of each
-- bucket the interval, the tolerance and the horizon. Answers with the number of a bucket that is full,
-- and when its next attempt is due, or with nothing when the attempt was counted in all of them.
local now, slack = tonumber(ARGV[1]), tonumber(ARGV[2])
local dues = {}
for number, key in ipairs(KEYS) do
  local interval, tolerance, horizon =
    tonumber(ARGV[3 * number]), tonumber(ARGV[3 * number + 1]), tonumber(ARGV[3 * number + 2])
  local due = tonumber(redis.call('GET', key) or now)
  if due < now or due > horizon then
    due = now
  end
  if due > now + tolerance then
    return { number, due }
  end
  dues[number] = due + interval
end
for number, key in ipairs(KEYS) do
  local due = dues[number]
  redis.call('SET', key, string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + slack)
end
return false
