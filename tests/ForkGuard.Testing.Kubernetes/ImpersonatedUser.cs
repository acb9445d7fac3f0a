using System.Net.Http.Headers;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>A service account, or another user, whom the administrator impersonates.</summary>
/// <param name="Namespace">The account's; empty for a user of the group system:masters.</param>
/// <param name="Name">The account's, or the user's.</param>
/// <param name="Extra">
/// What a token says beyond the account, such as <c>authentication.kubernetes.io/node-name</c>; null for a token that says nothing.
/// </param>
public sealed record ImpersonatedUser(string Namespace, string Name, IReadOnlyDictionary<string, string>? Extra = null)
{
    internal void AddTo(HttpRequestHeaders headers)
    {
        bool isAccount = Namespace.Length > 0;
        headers.Add("Impersonate-User", isAccount ? $"system:serviceaccount:{Namespace}:{Name}" : Name);
        string[] groups = isAccount
            ? ["system:serviceaccounts", $"system:serviceaccounts:{Namespace}", "system:authenticated"]
            : ["system:masters"];
        headers.Add("Impersonate-Group", groups);
        foreach ((string key, string value) in Extra ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            headers.Add("Impersonate-Extra-" + Uri.EscapeDataString(key), value);
        }
    }
}
