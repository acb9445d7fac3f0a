using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages;

/// <summary>Content of a mapping.</summary>
public static class MappingText
{
    /// <summary>Such as <c>heap</c> or <c>private mapping of /srv/model.bin</c>; null for anonymous memory and a kind of a later version.</summary>
    public static string? Of(MappingReport mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        return mapping.Kind.Known switch
        {
            MappingKind.Heap => "heap",
            MappingKind.Stack => "stack of the main thread",
            MappingKind.ThreadStacks => "thread stacks",
            MappingKind.File => mapping.Name is { } name
                ? $"private mapping of {PrintableText.Escape(name)}"
                : "private mapping of a file",
            _ => null,
        };
    }
}
