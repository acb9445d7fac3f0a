using System.Text.Json;
using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>An event that a <c>watch</c> printed.</summary>
/// <param name="Name">The type of the event.</param>
/// <param name="Process">The process; null for an event of the node.</param>
/// <param name="Constraint">The constraint; null if it has none.</param>
/// <param name="Text">The line.</param>
internal sealed record PrintedEvent(string Name, ConstraintVerdict? Process, ListedConstraint? Constraint, string Text)
{
    internal static PrintedEvent Parse(string line)
    {
        Assert.Contains("\"type\":\"Event\"", line, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(line);
        var json = document.RootElement;
        return new(
            json.GetProperty("event").GetString()!,
            json.TryGetProperty("process", out var process) ? ConstraintVerdict.Parse(process, line) : null,
            json.TryGetProperty("constraint", out var constraint) ? ListedConstraint.Parse(constraint) : null,
            line
        );
    }
}

/// <summary>A <c>watch</c> in a guest that scans each second.</summary>
internal sealed class RunningWatch
{
    private const string Key = "watch";
    private const string ModeChanged = "OvercommitModeChanged";

    private readonly Guest _guest;
    private readonly ITestOutputHelper _output;

    private RunningWatch(Guest guest, ITestOutputHelper output)
    {
        _guest = guest;
        _output = output;
    }

    /// <summary>Returns once it has scanned.</summary>
    internal static async Task<RunningWatch> StartAsync(Guest guest, string manifest, ITestOutputHelper output)
    {
        await guest.SpawnAsync(Key, $"{Initramfs.ForkGuard} watch -f {manifest} --interval 1 -o json");
        Assert.Contains("\"type\":\"Header\"", await guest.LineAsync(Key), StringComparison.Ordinal);
        Assert.Contains("\"type\":\"Scan\"", await guest.LineAsync(Key), StringComparison.Ordinal);
        return new(guest, output);
    }

    internal Task EndAsync() => _guest.EndAsync(Key);

    /// <summary>Waits for the next event.</summary>
    internal async Task<PrintedEvent> NextAsync()
    {
        var line = await _guest.LineAsync(Key);
        _output.WriteLine(line);
        return PrintedEvent.Parse(line);
    }

    /// <summary>
    /// Returns the events until the third of four changes of the mode, each of which the next scan reports. The scan that reports the first
    /// one may have begun before this call. The second one begins later, and writes its events before the third.
    /// </summary>
    /// <param name="mode">The mode that holds, and holds again afterwards.</param>
    internal async Task<IReadOnlyList<PrintedEvent>> ScanAsync(int mode)
    {
        var events = new List<PrintedEvent>();
        for (var change = 1; change <= 4; change++)
        {
            await _guest.SetModeAsync(change % 2 == 0 ? mode : 1 - mode);
            for (var next = await NextAsync(); next.Name != ModeChanged; next = await NextAsync())
            {
                events.Add(next);
            }
        }

        return events;
    }
}
