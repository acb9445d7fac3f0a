namespace ForkGuard.Api;

/// <summary>Writes field paths the way Kubernetes' own validation does.</summary>
public static class FieldPath
{
    private const int MaxName = 100;

    /// <summary>The path of a member; a name that is not a plain word goes in brackets, cut at 100 characters and escaped.</summary>
    /// <returns><c>parent.name</c> or <c>parent[example.com/name]</c>.</returns>
    public static string Member(string parent, string name)
    {
        if (name.Length == 0 || name.Length > MaxName || !name.All(IsPlain))
        {
            return $"{parent}[{PrintableText.Escape(name, MaxName)}]";
        }

        return parent.Length == 0 ? name : $"{parent}.{name}";
    }

    /// <summary>The path of an element, counted from 0.</summary>
    /// <returns><c>parent[index]</c>.</returns>
    public static string Item(string parent, int index) => $"{parent}[{index}]";

    /// <summary>The path of a field of a document that is itself part of another.</summary>
    /// <returns><c>outer.inner</c>, or one of them where the other is empty.</returns>
    public static string Join(string outer, string inner) =>
        outer.Length == 0 || inner.Length == 0 || inner[0] == '[' ? outer + inner : $"{outer}.{inner}";

    /// <summary>Reports whether a field is the outer one or within it; the document, whose path is empty, holds all.</summary>
    public static bool Holds(string outer, string inner) =>
        outer.Length == 0 || SelfAndParents(inner).Contains(outer, StringComparer.Ordinal);

    /// <summary>The path and all that hold it, innermost first; the document itself, whose path is empty, is not among them.</summary>
    /// <remarks>A bracketed name with a dot in it also gives pieces that are no paths; they match nothing.</remarks>
    public static IEnumerable<string> SelfAndParents(string path)
    {
        while (path.Length > 0)
        {
            yield return path;
            path = path[..Math.Max(path.AsSpan().LastIndexOfAny('.', '['), 0)];
        }
    }

    private static bool IsPlain(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';
}
