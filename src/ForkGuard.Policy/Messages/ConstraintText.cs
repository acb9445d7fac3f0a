using ForkGuard.Api;

namespace ForkGuard.Policy.Messages;

/// <summary>Constraints and their numbers as people read them.</summary>
public static class ConstraintText
{
    /// <summary>Such as <c>largest mapping</c> or <c>tasks of the pod</c>; the type as text for one of a later version.</summary>
    public static string Name(ConstraintReport constraint) => throw new NotSupportedException();

    /// <summary>An amount in the constraint's unit, such as <c>23.5 GiB</c> or <c>97 tasks</c>.</summary>
    public static string Amount(ConstraintReport constraint, long amount) => throw new NotSupportedException();

    /// <summary>Usage and limit, such as <c>23.5 GiB of 22.3 GiB</c> or <c>97 of 100 tasks</c>.</summary>
    public static string UsedOfLimit(ConstraintReport constraint) => throw new NotSupportedException();
}
