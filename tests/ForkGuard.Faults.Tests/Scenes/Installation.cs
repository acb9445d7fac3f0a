namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>The account of one installation of the controller.</summary>
/// <param name="Namespace">The namespace of the account and of its Lease.</param>
/// <param name="Kubeconfig">The path of a kubeconfig with the account's token.</param>
internal sealed record Installation(string Namespace, string Kubeconfig)
{
    internal const string Account = "forkguard-controller";

    /// <summary>The user of the account in the API server's audit log.</summary>
    internal string User => $"system:serviceaccount:{Namespace}:{Account}";
}
