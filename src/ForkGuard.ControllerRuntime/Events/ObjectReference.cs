namespace ForkGuard.ControllerRuntime;

/// <summary>Names an object of any kind.</summary>
/// <param name="ApiVersion">Such as <c>v1</c> or <c>apps/v1</c>.</param>
/// <param name="Kind">Such as <c>Pod</c>.</param>
/// <param name="Namespace">Empty for a cluster-scoped object.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid; <c>kubectl describe</c> finds events by it.</param>
/// <param name="FieldPath">A part of it, such as <c>spec.containers{redis}</c>; null for the whole.</param>
public sealed record ObjectReference(
    string ApiVersion,
    string Kind,
    string Namespace,
    string Name,
    string Uid,
    string? FieldPath = null
);
