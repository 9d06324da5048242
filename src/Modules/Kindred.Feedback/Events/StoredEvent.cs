using System.Text.Json;

namespace Kindred.Feedback.Events;

/// <summary>An event as callers read it back.</summary>
public sealed record EventResponse(string Id, string User, string Item, string Type, float? Value, DateTimeOffset At, JsonElement? Context, long Sequence);

/// <summary>A known user as callers read them.</summary>
public sealed record UserResponse(string Id, JsonElement Attributes, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt);
