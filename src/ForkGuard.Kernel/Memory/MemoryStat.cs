using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Memory;

/// <summary>
/// memory.stat of a cgroup and all below it, as far as it is needed, in bytes: Documentation/admin-guide/cgroup-v2.rst,
/// and the <c>total_</c> fields of cgroup-v1/memory.rst.
/// </summary>
internal readonly record struct MemoryStat
{
    /// <summary>Anonymous memory in RAM, each page once, however many processes share it.</summary>
    internal ulong Anonymous { get; private init; }

    /// <summary>Part of <see cref="Anonymous"/> that lies in huge pages.</summary>
    internal ulong AnonymousHuge { get; private init; }

    /// <summary>
    /// Most that the kernel frees at the limit without swap: page cache and slabs, less what has to be written first.
    /// Memory in use may stay.
    /// </summary>
    internal ulong Reclaimable { get; private init; }

    /// <summary>
    /// Page cache that has to be written first. Reclaim of v1 waits for it (mm/vmscan.c <c>writeback_throttling_sane</c>), that of v2 wakes
    /// the flushers. Both may give up before it is written.
    /// </summary>
    internal ulong Unwritten { get; private init; }

    /// <summary>
    /// False if anonymous memory or a list of the page cache is missing, or a number of them is malformed.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, bool isUnified, out MemoryStat stat)
    {
        stat = default;
        ulong anonymous = 0;
        ulong huge = 0;
        ulong cache = 0;
        ulong unwritten = 0;
        var required = 0;
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            if (!isUnified)
            {
                if (!line.StartsWith("total_"u8))
                {
                    continue;
                }

                line = line["total_"u8.Length..];
            }

            var name = Ascii.TakeWord(ref line);
            var isAnonymous = name.SequenceEqual(isUnified ? "anon"u8 : "rss"u8);
            var isList = name.SequenceEqual("inactive_file"u8) || name.SequenceEqual("active_file"u8);
            var isHuge = name.SequenceEqual(isUnified ? "anon_thp"u8 : "rss_huge"u8);
            var isSlab = isUnified && name.SequenceEqual("slab_reclaimable"u8);
            var isUnwritten =
                name.SequenceEqual(isUnified ? "file_dirty"u8 : "dirty"u8)
                || name.SequenceEqual(isUnified ? "file_writeback"u8 : "writeback"u8);
            if (!isAnonymous && !isList && !isHuge && !isSlab && !isUnwritten)
            {
                continue;
            }

            if (!Ascii.TryTakeNumber(ref line, out var bytes) || !line.IsEmpty)
            {
                return false;
            }

            required += isAnonymous || isList ? 1 : 0;
            anonymous = isAnonymous ? bytes : anonymous;
            huge = isHuge ? bytes : huge;
            cache = isList || isSlab ? Saturating.Add(cache, bytes) : cache;
            unwritten = isUnwritten ? Saturating.Add(unwritten, bytes) : unwritten;
        }

        stat = new MemoryStat
        {
            Anonymous = anonymous,
            AnonymousHuge = Math.Min(huge, anonymous),
            Reclaimable = Saturating.Subtract(cache, unwritten),
            Unwritten = unwritten,
        };
        return required == 3;
    }
}
