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
);

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

    internal required string Text { get; init; }

    internal ListedConstraint? Find(string type) => Constraints.FirstOrDefault(c => c.Type == type);

    internal static ConstraintVerdict Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var json = document.RootElement;
        return new()
        {
            Pid = json.GetProperty("pid").GetInt32(),
            Verdict = json.GetProperty("verdict").GetString()!,
            BindingConstraint = StringOf(json, "bindingConstraint"),
            Constraints = json.TryGetProperty("constraints", out var listed)
                ? [.. listed.EnumerateArray().Select(ParseConstraint)]
                : [],
            NotChecked = json.TryGetProperty("notChecked", out var notChecked)
                ? [.. notChecked.EnumerateArray().Select(reason => reason.GetString()!)]
                : [],
            Text = line,
        };
    }

    private static ListedConstraint ParseConstraint(JsonElement json) =>
        new(
            json.GetProperty("type").GetString()!,
            NumberOf(json, "used"),
            NumberOf(json, "limit"),
            (int)NumberOf(json, "percent"),
            StringOf(json, "confidence") ?? "",
            StringOf(json, "scope"),
            NumberOf(json, "refused")
        );

    private static long NumberOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetInt64() : 0;

    private static string? StringOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
