using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace ForkGuard.ControllerRuntime;

/// <summary>A kind of the API server and the CLR type it is read into.</summary>
/// <typeparam name="T">A model of the client, or a record of one's own that has what is needed.</typeparam>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Version">Such as <c>v1</c>.</param>
/// <param name="Kind">Such as <c>Pod</c>.</param>
/// <param name="Plural">The name in paths, such as <c>pods</c>.</param>
/// <param name="Namespaced">False for a cluster-scoped kind.</param>
/// <param name="Identify">Reads the identity out of the object's metadata.</param>
/// <param name="Json">How it is read and written.</param>
public sealed record ResourceKind<T>(
    string Group,
    string Version,
    string Kind,
    string Plural,
    bool Namespaced,
    Func<T, ResourceIdentity> Identify,
    JsonTypeInfo<T> Json
)
    where T : class
{
    /// <summary>As in <c>apiVersion</c>: <c>apps/v1</c>, or <c>v1</c> for the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As in <c>pods</c> or <c>deployments.apps</c>.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>The path of the collection, relative to the server's address.</summary>
    /// <param name="ns">Null or empty: over all namespaces.</param>
    internal string CollectionPath(string? ns)
    {
        string root = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        return string.IsNullOrEmpty(ns) ? $"{root}/{Plural}" : $"{root}/namespaces/{ns}/{Plural}";
    }

    /// <summary>The path of one object, relative to the server's address.</summary>
    internal string ObjectPath(ResourceKey key) => $"{CollectionPath(key.Namespace)}/{key.Name}";
}

/// <summary>Kinds that the client has models for.</summary>
public static class ResourceKind
{
    private static readonly JsonSerializerOptions ClientJson = ClientOptions();

    /// <summary>The kind that the model's own attribute names.</summary>
    /// <param name="namespaced">False for a cluster-scoped kind: the attribute does not have it.</param>
    /// <exception cref="NotSupportedException">The type has no <see cref="KubernetesEntityAttribute"/>.</exception>
    public static ResourceKind<T> Of<T>(bool namespaced = true)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        KubernetesEntityAttribute entity =
            typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new NotSupportedException(
                $"{typeof(T)} is not a model of the client: describe the kind with a ResourceKind."
            );
        return new(
            entity.Group,
            entity.ApiVersion,
            entity.Kind,
            entity.PluralName,
            namespaced,
            static model =>
                new(
                    new(model.Metadata.NamespaceProperty ?? "", model.Metadata.Name),
                    model.Metadata.Uid,
                    model.Metadata.ResourceVersion
                ),
            (JsonTypeInfo<T>)ClientJson.GetTypeInfo(typeof(T))
        );
    }

    private static JsonSerializerOptions ClientOptions()
    {
        JsonSerializerOptions? options = null;
        KubernetesJson.AddJsonOptions(existing => options = existing);
        return options ?? throw new InvalidOperationException("The client has no JSON options.");
    }
}
