-- GET /recommendations: the newest list of one of LISTED users.
local listed = tonumber(os.getenv("LISTED") or "1000")
local thread = 0
function setup(t)
  t:set("seed", thread)
  thread = thread + 1
end
function init()
  math.randomseed(4711 + seed)
end
function request()
  return wrk.format("GET", string.format("/recommendations?user_id=l%d", math.random(listed)))
end
