using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Risk;

namespace ForkGuard.Policy.Messages.Advice;

/// <summary>A constraint that needs advice, and the circumstances that decide what fits.</summary>
internal readonly record struct AdviceCase(
    ProcessReport? Process,
    ConstraintReport Constraint,
    Place Place,
    AdviceFacts Facts
)
{
    public bool IsPod => Process?.Pod is not null;

    public bool IsRefused => Constraint.Refuses == true && Constraint.Confidence != Confidence.UpperBound;

    /// <summary>Swap can be added here: on a machine without a cluster, or where the node already has some.</summary>
    public bool CanHaveSwap => Facts.HasSwap == true || (!IsPod && Place.Node is null);

    /// <summary>The machine whose settings count, for a process that runs in a pod; empty otherwise.</summary>
    public string OnNode => IsPod || Place.Node is not null ? " on the node" : "";

    /// <summary>A restart gives back what the process took: usage grows, or a fork is refused.</summary>
    public bool MayRestart => IsRefused || Constraint.Growing == true;

    /// <summary>Usage that is missing below the limit, at least; 0 if none is.</summary>
    public long Missing => Math.Max(0, Constraint.Used - Constraint.Limit + (Constraint.Uncertainty ?? 0));

    /// <summary>The mode whose rule the numbers follow where it is not the kernel's; null otherwise.</summary>
    public int? WhatIfMode =>
        Constraint.Type.Known is { } type && AccountingMode.Of(type) is { } mode && mode != Facts.OvercommitMode
            ? mode
            : null;

    /// <summary>Size of the missing memory in whole MiB, rounded up.</summary>
    public string MissingSize => SizeText.Bytes(RoundUpToMebibytes(Missing));

    public static long RoundUpToMebibytes(long bytes) => (bytes + (1L << 20) - 1) >> 20 << 20;
}
