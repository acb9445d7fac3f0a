using System.Text.Json;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>One entry of <c>constraints</c>, read by the names of its fields.</summary>
internal sealed record ListedConstraint(
    string Type,
    long Used,
    long Limit,
    int Percent,
    string Confidence,
    string? Scope,
    long Refused
)
{
    internal static ListedConstraint Parse(JsonElement json) =>
        new(
            json.GetProperty("type").GetString()!,
            json.NumberOf("used"),
            json.NumberOf("limit"),
            (int)json.NumberOf("percent"),
            json.StringOf("confidence") ?? "",
            json.StringOf("scope"),
            json.NumberOf("refused")
        );
}

/// <summary><c>snapshot</c>, read by the names of its fields: memory for a save by a fork child.</summary>
internal sealed record ListedSnapshot(
    long RoomBytes,
    long ReclaimableBytes,
    long ForkCostBytes,
    long WorstCaseBytes,
    long? SecondsLeft,
    bool KillsContainer
)
{
    internal static ListedSnapshot Parse(JsonElement json) =>
        new(
            json.NumberOf("roomBytes"),
            json.NumberOf("reclaimableBytes"),
            json.NumberOf("forkCostBytes"),
            json.NumberOf("worstCaseBytes"),
            json.TryGetProperty("secondsLeft", out var seconds) ? seconds.GetInt64() : null,
            json.TryGetProperty("killsContainer", out var kills) && kills.GetBoolean()
        );
}

/// <summary>The verdict that forkguard prints about one process, with every constraint that it lists.</summary>
internal sealed record ConstraintVerdict
{
    internal const string CanFork = nameof(CanFork);
    internal const string CannotFork = nameof(CannotFork);
    internal const string Unknown = nameof(Unknown);

    internal required int Pid { get; init; }
    internal required string Verdict { get; init; }

    /// <summary>Null if no constraint applies.</summary>
    internal required string? BindingConstraint { get; init; }

    internal required IReadOnlyList<ListedConstraint> Constraints { get; init; }

    /// <summary>Reasons for which a fork may fail that the kernel does not expose.</summary>
    internal required IReadOnlyList<string> NotChecked { get; init; }

    /// <summary>Null if it was not read.</summary>
    internal required ListedSnapshot? Snapshot { get; init; }

    internal required string Text { get; init; }

    internal ListedConstraint? Find(string type) => Constraints.FirstOrDefault(c => c.Type == type);

    internal static ConstraintVerdict Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return Parse(document.RootElement, line);
    }

    /// <param name="json">The object of one process, as in an event too.</param>
    /// <param name="line">All of the line, for messages.</param>
    internal static ConstraintVerdict Parse(JsonElement json, string line) =>
        new()
        {
            Pid = json.GetProperty("pid").GetInt32(),
            Verdict = json.GetProperty("verdict").GetString()!,
            BindingConstraint = json.StringOf("bindingConstraint"),
            Constraints = json.TryGetProperty("constraints", out var listed)
                ? [.. listed.EnumerateArray().Select(ListedConstraint.Parse)]
                : [],
            NotChecked = json.TryGetProperty("notChecked", out var notChecked)
                ? [.. notChecked.EnumerateArray().Select(reason => reason.GetString()!)]
                : [],
            Snapshot = json.TryGetProperty("snapshot", out var snapshot) ? ListedSnapshot.Parse(snapshot) : null,
            Text = line,
        };
}

/// <summary>Fields that may be absent.</summary>
internal static class OptionalFields
{
    internal static long NumberOf(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetInt64() : 0;

    internal static string? StringOf(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
