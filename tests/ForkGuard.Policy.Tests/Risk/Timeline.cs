using ForkGuard.Api;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Policy.Tests.Risk;

/// <summary>One evaluation, with the only announcement and its sentence.</summary>
internal sealed record Evaluated(WatchRule Rule, ConstraintReport Reading, RiskEvaluation Evaluation)
{
    public RiskLevel Level => Evaluation.Level;
    public ActionDecision Action => Evaluation.Action;
    public bool NeedsFreshReading => Evaluation.NeedsFreshReading;
    public RiskMemory Next => Evaluation.Next;
    public RiskAnnouncement? Announcement => Evaluation.Announcements.SingleOrDefault();
    public RiskAnnouncementType? Type => Announcement?.Type;
    public string? Sentence =>
        Announcement is { } announcement ? AnnouncementText.Of(Rule, announcement, process: null, Reading) : null;
}

/// <summary>One target under one rule, evaluated again and again; times are seconds since the start.</summary>
internal sealed class Timeline(WatchRule rule, RiskMemory? past = null)
{
    public RiskMemory? Memory { get; private set; } = past;

    public Evaluated Evaluate(
        double second,
        ConstraintReport reading,
        bool fresh = true,
        int mode = 0,
        DateTimeOffset? limitChanged = null,
        ProcessReport? process = null
    )
    {
        var input = new RiskInput(process ?? Given.Process, reading, mode, fresh, Given.Scan, limitChanged);
        return Keep(RiskEvaluator.Evaluate(rule, Memory, in input, Given.At(second)), reading);
    }

    /// <summary>Evaluates the same reading in two scans, the second at second 0: from then on a commit charge counts.</summary>
    public Evaluated EvaluateTwice(ConstraintReport reading, int mode = 2)
    {
        Evaluate(-15, reading, mode: mode);
        return Evaluate(0, reading, mode: mode);
    }

    public Evaluated EvaluateAbsent(double second, RecoveryCause cause = RecoveryCause.Ended) =>
        Keep(
            RiskEvaluator.EvaluateAbsent(rule, Memory!, cause, Given.Scan, Given.At(second)),
            Given.Exactly(percent: 95)
        );

    /// <summary>Evaluates the same reading at every scan of a span, both ends included, and returns the last evaluation.</summary>
    public Evaluated Throughout(int from, int to, ConstraintReport reading, bool fresh = true, int mode = 0)
    {
        var evaluated = Evaluate(from, reading, fresh, mode);
        for (var second = from + 15; second <= to; second += 15)
        {
            evaluated = Evaluate(second, reading, fresh, mode);
        }

        return evaluated;
    }

    /// <summary>The announcements of a span, each with its second.</summary>
    public List<(int Second, RiskAnnouncement Emitted)> Announcements(
        int from,
        int to,
        Func<int, ConstraintReport> reading,
        int mode = 0
    )
    {
        var announcements = new List<(int, RiskAnnouncement)>();
        for (var second = from; second <= to; second += 15)
        {
            foreach (var emitted in Evaluate(second, reading(second), mode: mode).Evaluation.Announcements)
            {
                announcements.Add((second, emitted));
            }
        }

        return announcements;
    }

    private Evaluated Keep(RiskEvaluation evaluation, ConstraintReport reading)
    {
        Memory = evaluation.Next;
        return new Evaluated(rule, reading, evaluation);
    }
}
