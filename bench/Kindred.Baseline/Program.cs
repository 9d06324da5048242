// The yardstick of every HTTP figure: an endpoint that does nothing, on the same server, measured in the same run.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();
app.MapGet("/", () => "ok");
await app.RunAsync().ConfigureAwait(false);
