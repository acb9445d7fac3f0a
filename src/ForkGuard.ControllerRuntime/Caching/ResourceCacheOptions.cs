namespace ForkGuard.ControllerRuntime;

/// <summary>The part of a kind that is held, and how.</summary>
public sealed record ResourceCacheOptions<T>
    where T : class
{
    /// <summary>Null for all namespaces.</summary>
    public string? Namespace { get; init; }

    /// <summary>As in <c>kubectl get -l</c>; null for everything.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>As in <c>kubectl get --field-selector</c>; null for everything.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Run on every object before it is held, as to drop <c>managedFields</c>; must keep its identity.</summary>
    public Func<T, T>? Transform { get; init; }

    /// <summary>
    /// Run on the object that is held and the one that takes its place; returns the latter, which may share parts of the former
    /// that did not change. Must keep its identity.
    /// </summary>
    public Func<T, T, T>? Share { get; init; }

    /// <summary>The values under which an object is found, by the index's name.</summary>
    public IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> Indexes { get; init; } =
        new Dictionary<string, Func<T, IEnumerable<string>>>(StringComparer.Ordinal);

    /// <summary>Objects to a page of a list; default 500.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>A watch that brings nothing for this long is opened again; the API server sends a bookmark every minute.</summary>
    public TimeSpan MaxIdle { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>The server ends a watch after this long to twice this long, drawn again each time; default 5 minutes.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
