using System.Text.Json;

namespace ForkGuard.Lab.Tests.Judging;

/// <summary>What forkguard printed about one process, read as a user's script would: by the names of the fields.</summary>
internal sealed record GuestVerdict
{
    internal const string CanFork = nameof(CanFork);
    internal const string CannotFork = nameof(CannotFork);

    internal required int Pid { get; init; }
    internal required int Mode { get; init; }
    internal required string Verdict { get; init; }
    internal required bool IsExact { get; init; }
    internal required long UsedBytes { get; init; }

    /// <summary>Mode 2: the charge of a fork, which the process holds once already; <c>own</c> is both.</summary>
    internal required long ChargeBytes { get; init; }
    internal required long LimitBytes { get; init; }
    internal required long ErrorBytes { get; init; }
    internal required string Text { get; init; }

    /// <summary>Pages to the limit. In mode 0 a fork passes from 0 on, in mode 2 from 1 on.</summary>
    internal long Headroom => (LimitBytes - UsedBytes) / 4096;

    /// <summary>Mode 2: Committed_AS without forkguard's own part.</summary>
    internal long CommittedPages => (UsedBytes - ChargeBytes) / 4096;

    /// <summary>Null if it evaluates no process in a mode: the process was gone.</summary>
    internal static GuestVerdict? Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var json = document.RootElement;
        if (!json.TryGetProperty("overcommitMode", out var mode))
        {
            return null;
        }

        var accounting = json.TryGetProperty("constraints", out var listed)
            ? listed.EnumerateArray().FirstOrDefault(IsAccounting)
            : default;
        return new()
        {
            Pid = json.GetProperty("pid").GetInt32(),
            Mode = mode.GetInt32(),
            Verdict = json.GetProperty("verdict").GetString()!,
            IsExact = TextOf(accounting.ValueKind == JsonValueKind.Object ? accounting : json, "confidence") == "Exact",
            UsedBytes = NumberOf(accounting, "used"),
            LimitBytes = NumberOf(accounting, "limit"),
            ChargeBytes = NumberOf(accounting, "own") / 2,
            ErrorBytes = NumberOf(accounting, "uncertainty"),
            Text = line,
        };
    }

    private static bool IsAccounting(JsonElement constraint) =>
        TextOf(constraint, "type") is "LargestMapping" or "CommitCharge";

    private static long NumberOf(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value.GetInt64() : 0;

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
