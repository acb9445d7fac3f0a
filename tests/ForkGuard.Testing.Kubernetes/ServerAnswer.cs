using System.Net;
using k8s;
using k8s.Models;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>What an API server answered.</summary>
/// <param name="Code">201 for what was made.</param>
/// <param name="Body">JSON: the object, or a Status that says why not.</param>
public sealed record ServerAnswer(HttpStatusCode Code, string Body)
{
    /// <summary>Why it was refused, with a field path each; empty when it was not, or when no field is to blame.</summary>
    public IReadOnlyList<V1StatusCause> Causes => [.. Refusal?.Details?.Causes ?? []];

    /// <summary>The refusal in words; empty when there is none.</summary>
    public string Message => Refusal?.Message ?? "";

    private V1Status? Refusal => (int)Code >= 400 ? KubernetesJson.Deserialize<V1Status>(Body) : null;

    /// <summary>The object that was made or read.</summary>
    /// <exception cref="InvalidOperationException">It was refused; with the server's words.</exception>
    public T Read<T>() =>
        Refusal is null
            ? KubernetesJson.Deserialize<T>(Body)
            : throw new InvalidOperationException($"{(int)Code}: {Message}");
}
