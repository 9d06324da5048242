-- GET recommendations of random users: USERS users called u0, u1, ... in COLLECTION
local users = tonumber(os.getenv("USERS"))
local prefix = "/api/v1/collections/" .. os.getenv("COLLECTION") .. "/users/u"
local headers = { ["Authorization"] = "Bearer " .. os.getenv("KEY") }
local threads = 0
function setup(thread) thread:set("seed", threads) threads = threads + 1 end
function init() math.randomseed(4711 + seed) end
function request() return wrk.format("GET", prefix .. math.random(0, users - 1) .. "/recommendations?n=10", headers) end
local bad = 0
function response(status) if status ~= 200 then bad = bad + 1 end end
