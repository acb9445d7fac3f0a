using System.Text.Json;

namespace ForkGuard.Lab.Tests.Judging;

/// <summary>What forkguard printed about one process, read as a user's script would: by the names of the fields.</summary>
internal sealed record GuestVerdict
{
    internal const string CanFork = nameof(CanFork);
    internal const string CannotFork = nameof(CannotFork);
    internal const string NotApplicable = nameof(NotApplicable);

    internal required int Pid { get; init; }
    internal required int Mode { get; init; }
    internal required string Verdict { get; init; }
    internal required bool IsExact { get; init; }
    internal required long UsedBytes { get; init; }
    internal required long OwnBytes { get; init; }
    internal required long LimitBytes { get; init; }
    internal required long ErrorBytes { get; init; }
    internal required string Text { get; init; }

    /// <summary>Pages to the limit. In mode 0 a fork passes from 0 on, in mode 2 from 1 on.</summary>
    internal long Headroom => (LimitBytes - UsedBytes) / 4096;

    /// <summary>Mode 2: Committed_AS without forkguard's own part.</summary>
    internal long CommittedPages => (UsedBytes - OwnBytes) / 4096;

    /// <summary>Null if it does not judge a process in a mode: the process was gone.</summary>
    internal static GuestVerdict? Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var json = document.RootElement;
        return json.TryGetProperty("overcommitMode", out var mode)
            ? new()
            {
                Pid = json.GetProperty("pid").GetInt32(),
                Mode = mode.GetInt32(),
                Verdict = json.GetProperty("verdict").GetString()!,
                IsExact = json.GetProperty("confidence").GetString() == "Exact",
                UsedBytes = json.GetProperty("usedBytes").GetInt64(),
                LimitBytes = Optional("limitBytes"),
                OwnBytes = Optional("ownBytes"),
                ErrorBytes = Optional("errorBytes"),
                Text = line,
            }
            : null;

        long Optional(string name) => json.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
    }
}
