using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

/// <summary>Advice by the content of the largest mapping.</summary>
internal static class MappingAdvice
{
    /// <summary>A clause such as <c>run fewer threads or smaller stacks</c>.</summary>
    public static string Clause(AdviceCase advised) =>
        Kind(advised) switch
        {
            MappingKind.ThreadStacks => "run fewer threads or give them smaller stacks",
            MappingKind.Stack => "lower the stack limit (ulimit -s)",
            MappingKind.File => "map the file read-only or MAP_SHARED",
            MappingKind.Heap => "free heap memory (malloc_trim)",
            _ => "madvise(MADV_DONTFORK) on the mapping",
        };

    public static IEnumerable<string> Sentences(AdviceCase advised)
    {
        var kind = Kind(advised);
        if (advised.Facts.IsMappingWritable == false && kind is null or MappingKind.Anonymous)
        {
            yield return "The mapping is read-only now but was writable, and stays charged until it is unmapped: "
                + "munmap it, or map it again read-only.";
        }

        switch (kind)
        {
            case MappingKind.ThreadStacks:
                yield return "The mapping holds stacks of threads: run fewer threads, or give them smaller stacks "
                    + "(ulimit -s, pthread_attr_setstacksize, java -Xss).";
                break;
            case MappingKind.Stack:
                yield return "The mapping is the stack of the main thread: lower its limit (ulimit -s), or recurse less deeply.";
                break;
            case MappingKind.File:
                yield return $"A private writable mapping of a file counts with its whole length: map {FileName(advised)} "
                    + "read-only or with MAP_SHARED.";
                break;
            case MappingKind.Heap:
                yield return "The mapping is the heap, which the child needs. Free memory and call malloc_trim, or move large data "
                    + "out of it (for glibc, a lower MALLOC_MMAP_THRESHOLD_).";
                break;
            default:
                yield return "If the child does not need the mapping: madvise(MADV_DONTFORK) on it before the fork.";
                break;
        }
    }

    /// <summary>The mapping may be a reservation, which MAP_NORESERVE exempts in mode 0.</summary>
    public static bool MayBeReservation(AdviceCase advised) => Kind(advised) is null or MappingKind.Anonymous;

    private static MappingKind? Kind(AdviceCase advised) => advised.Constraint.Mapping?.Kind.Known;

    private static string FileName(AdviceCase advised) =>
        advised.Constraint.Mapping?.Name is { } name ? PrintableText.Escape(name) : "it";
}
