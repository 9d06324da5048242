-- POST /events in requests of BATCH events, every id new: RUN makes the ids of one run differ from those of another
local batch = tonumber(os.getenv("BATCH"))
local path = "/api/v1/collections/" .. os.getenv("COLLECTION") .. "/events"
local run = os.getenv("RUN")
local headers = { ["Authorization"] = "Bearer " .. os.getenv("KEY"), ["Content-Type"] = "application/json" }
local threads = 0
function setup(thread) thread:set("number", threads) threads = threads + 1 end
local parts, n = {}, 0
function init()
  math.randomseed(4711 + number)
  for k = 1, batch do
    parts[3 * k - 2] = (k == 1 and "[" or ",") .. '{"id":"'
    parts[3 * k] = '","user":"u' .. math.random(0, 9999) .. '","item":"i' .. math.random(0, 9999) ..
      '","type":"purchase","value":1,"at":"2026-01-01T00:00:00Z"}'
  end
  parts[3 * batch + 1] = "]"
end
function request()
  n = n + 1
  local id = run .. "-" .. number .. "-" .. n .. "-"
  for k = 1, batch do parts[3 * k - 1] = id .. k end
  local body = table.concat(parts)
  if batch == 1 then body = body:sub(2, -2) end
  return wrk.format("POST", path, headers, body)
end
