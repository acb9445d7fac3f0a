using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>Outcomes of reading a file of a cgroup.</summary>
public enum CgroupReadStatus
{
    Ok,

    /// <summary>
    /// The cgroup exists and has no such file: the root, a controller that its parent does not enable, or an older
    /// kernel.
    /// No limit holds there.
    /// </summary>
    Absent,

    /// <summary>The cgroup was removed.</summary>
    Gone,

    /// <summary>Any other error, and content that is not what the kernel writes.</summary>
    Failed,
}

/// <summary>A cgroup file that holds one number or <c>max</c>, as read.</summary>
public readonly record struct CgroupNumber
{
    public required CgroupReadStatus Status { get; init; }

    /// <summary>The number; <see cref="ulong.MaxValue"/> for <c>max</c>.</summary>
    public ulong Value { get; private init; }

    /// <summary>A limit holds: the file was read and is not <c>max</c>.</summary>
    public bool IsLimit => Status == CgroupReadStatus.Ok && Value != ulong.MaxValue;

    /// <summary>
    /// The failure, without the file's name; null unless the status is <see cref="CgroupReadStatus.Failed"/>.
    /// </summary>
    public string? Problem { get; init; }

    internal static CgroupNumber Parse(ReadOnlySpan<byte> text, ulong unlimitedFrom)
    {
        if (text.SequenceEqual("max\n"u8))
        {
            return new CgroupNumber { Status = CgroupReadStatus.Ok, Value = ulong.MaxValue };
        }

        if (text.IsEmpty)
        {
            return new CgroupNumber { Status = CgroupReadStatus.Failed, Problem = "it is empty" };
        }

        // A number without the end of its line may have been cut short.
        if (text[^1] != (byte)'\n' || !Ascii.TryParseOnlyNumber(text, out var value))
        {
            return new CgroupNumber { Status = CgroupReadStatus.Failed, Problem = "it does not hold a number or max" };
        }

        return new CgroupNumber
        {
            Status = CgroupReadStatus.Ok,
            Value = value >= unlimitedFrom ? ulong.MaxValue : value,
        };
    }
}
