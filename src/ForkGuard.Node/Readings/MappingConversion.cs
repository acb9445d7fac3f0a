using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Node.Readings;

/// <summary>Converts a mapping, and finds its kind by its name in proc_pid_maps(5).</summary>
internal static class MappingConversion
{
    /// <summary>Null for a mapping of no bytes. Thread stacks are anonymous as long as nobody has looked for stack pointers.</summary>
    internal static MappingReport? ToReport(this in MappingRange mapping) =>
        mapping.Bytes == 0
            ? null
            : new MappingReport
            {
                Start = mapping.Start.ToString("x", CultureInfo.InvariantCulture),
                End = mapping.End.ToString("x", CultureInfo.InvariantCulture),
                Name = mapping.Name.Length == 0 ? null : BoundedText.Of(mapping.Name),
                Kind = KindOf(mapping.Name),
            };

    internal static MappingKind KindOf(string name) =>
        name switch
        {
            "[heap]" => MappingKind.Heap,
            "[stack]" => MappingKind.Stack,
            // glibc.mem.decorate_maps gives names to what glibc maps (nptl/allocatestack.c, setvmaname).
            _ when name.StartsWith("[anon: glibc: pthread", StringComparison.Ordinal) => MappingKind.ThreadStacks,
            _ when name.StartsWith('/') => MappingKind.File,
            _ => MappingKind.Anonymous,
        };
}
