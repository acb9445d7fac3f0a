namespace ForkGuard.Api.Constraints;

/// <summary>Content of a mapping, which decides what advice fits.</summary>
public enum MappingKind
{
    Anonymous,

    /// <summary>The brk heap, <c>[heap]</c>.</summary>
    Heap,

    /// <summary>The stack of the main thread, <c>[stack]</c>.</summary>
    Stack,

    /// <summary>Stacks of threads that merged into one mapping.</summary>
    ThreadStacks,

    /// <summary>A private mapping of a file.</summary>
    File,
}
