using System.Buffers;
using System.Text.Json;
using ForkGuard.Api;
using ForkGuard.Node.Readings;

namespace ForkGuard.Node.Scanning;

/// <summary>
/// Chooses the entries of a report. The worst of each pod or unit come first, so that no pod can crowd out another. The next
/// worst follow as far as there is room.
/// </summary>
internal static class EntrySelection
{
    /// <summary>The chosen ones, worst first, and the highest percentage left out, rounded up; null if nothing was.</summary>
    /// <param name="entries">All entries, worst first.</param>
    /// <param name="unlistedPercent">Highest percentage that no entry has; 0 without one.</param>
    /// <param name="limits">The room.</param>
    internal static (List<GroupEntry> Chosen, int? OmittedBelowPercent) Choose(
        IReadOnlyList<GroupEntry> entries,
        int unlistedPercent,
        EntryLimits limits
    )
    {
        var counts = new Dictionary<ProcessGroup, int>();
        var isChosen = new bool[entries.Count];
        var room = limits.Entries;
        Take(isFirst: true);
        Take(isFirst: false);
        List<GroupEntry> chosen = [.. entries.Where((_, i) => isChosen[i])];
        var omitted = entries.Where((_, i) => !isChosen[i]).Select(entry => entry.Percent);
        return (chosen, OmittedBelow(unlistedPercent > 0 ? omitted.Append(unlistedPercent) : omitted));

        void Take(bool isFirst)
        {
            for (var i = 0; i < entries.Count && room > 0; i++)
            {
                var group = entries[i].Worst.Group;
                var count = counts.GetValueOrDefault(group.Owner);
                var hasRoom = isFirst ? count == 0 : count < (group.IsInPod ? limits.OfPod : int.MaxValue);
                if (isChosen[i] || !hasRoom)
                {
                    continue;
                }

                isChosen[i] = true;
                counts[group.Owner] = count + 1;
                room--;
            }
        }
    }

    /// <summary>Bounds names, removes the last entries until the rest has room, and returns what is then left out.</summary>
    /// <param name="entries">The chosen ones, worst first.</param>
    /// <param name="omittedBelowPercent">As it is without a further omission.</param>
    /// <param name="limits">The room.</param>
    internal static int? Trim(List<ScannedProcess> entries, int? omittedBelowPercent, EntryLimits limits)
    {
        if (limits.Bytes == int.MaxValue)
        {
            return omittedBelowPercent;
        }

        var buffer = new ArrayBufferWriter<byte>(4096);
        var bytes = 0;
        for (var i = 0; i < entries.Count; i++)
        {
            entries[i] = entries[i] with { Report = entries[i].Report.WithBoundedScopes() };
            buffer.ResetWrittenCount();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                JsonSerializer.Serialize(writer, entries[i].Report, ApiJson.Default.ProcessReport);
            }

            bytes += buffer.WrittenCount + 1;
            if (bytes > limits.Bytes)
            {
                var omitted = OmittedBelow(entries.Skip(i).Select(entry => entry.Percent));
                entries.RemoveRange(i, entries.Count - i);
                return omitted > omittedBelowPercent || omittedBelowPercent is null ? omitted : omittedBelowPercent;
            }
        }

        return omittedBelowPercent;
    }

    // Percentages are rounded down, so that what is left out is below the next one.
    private static int? OmittedBelow(IEnumerable<int> percents)
    {
        int? highest = null;
        foreach (var percent in percents)
        {
            highest = Math.Max(highest ?? 0, percent);
        }

        return highest + 1;
    }
}
