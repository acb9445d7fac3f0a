using System.Net.Http.Headers;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>A service account, whom the administrator impersonates.</summary>
/// <param name="Namespace">The account's.</param>
/// <param name="Name">The account's.</param>
/// <param name="Extra">
/// What a token says beyond the account, such as <c>authentication.kubernetes.io/node-name</c>; null for a token that says nothing.
/// </param>
public sealed record ImpersonatedUser(string Namespace, string Name, IReadOnlyDictionary<string, string>? Extra = null)
{
    internal void AddTo(HttpRequestHeaders headers)
    {
        headers.Add("Impersonate-User", $"system:serviceaccount:{Namespace}:{Name}");
        string[] groups = ["system:serviceaccounts", $"system:serviceaccounts:{Namespace}", "system:authenticated"];
        headers.Add("Impersonate-Group", groups);
        foreach ((string key, string value) in Extra ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            headers.Add("Impersonate-Extra-" + Uri.EscapeDataString(key), value);
        }
    }
}
