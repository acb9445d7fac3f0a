using ForkGuard.Api;

namespace ForkGuard.Policy.Tests;

/// <summary>One process under one rule, judged again and again; times are seconds since the start.</summary>
internal sealed class Timeline(WatchRule rule)
{
    public RiskMemory? Memory { get; private set; }

    public Judgement Judge(
        double second,
        ProcessReport reading,
        bool fresh = true,
        int mode = 0,
        DateTimeOffset? limitChanged = null
    )
    {
        var input = new RiskInput(reading, fresh, mode, limitChanged, Given.Scan);
        var judgement = RiskJudge.Judge(rule, Memory, in input, Given.At(second));
        Memory = judgement.Next;
        return judgement;
    }

    /// <summary>Judges the same reading at every scan of a span, both ends included, and returns the last judgement.</summary>
    public Judgement Throughout(int from, int to, ProcessReport reading, bool fresh = true, int mode = 0)
    {
        var judgement = Judge(from, reading, fresh, mode);
        for (var second = from + 15; second <= to; second += 15)
        {
            judgement = Judge(second, reading, fresh, mode);
        }

        return judgement;
    }

    /// <summary>The seconds at which a span of equal readings was announced, with what was said.</summary>
    public List<(int Second, RiskAnnouncement Said)> Announcements(
        int from,
        int to,
        Func<int, ProcessReport> reading,
        int mode = 0
    )
    {
        var announcements = new List<(int, RiskAnnouncement)>();
        for (var second = from; second <= to; second += 15)
        {
            if (Judge(second, reading(second), mode: mode).Announcement is { } said)
            {
                announcements.Add((second, said));
            }
        }

        return announcements;
    }
}
