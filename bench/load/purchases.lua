-- POST /purchases: each request one purchase of two products by one of USERS users.
local users = tonumber(os.getenv("USERS") or "10000")
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local thread = 0
function setup(t)
  t:set("seed", thread)
  thread = thread + 1
end
function init()
  math.randomseed(4711 + seed)
end
function request()
  return wrk.format(nil, "/purchases", nil, string.format('{"user_id":"u%d","products":["p%d","p%d"]}', math.random(users), math.random(5000), 5000 + math.random(5000)))
end
