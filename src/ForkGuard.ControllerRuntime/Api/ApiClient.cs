using System.Net;
using System.Net.Security;
using k8s;

namespace ForkGuard.ControllerRuntime;

/// <summary>
/// The client of the API server, which also sends requests as they are: lists and watches of any type, patches of any body.
/// Address, TLS and credentials are the client's; a connection that went dead is noticed within a minute.
/// </summary>
public sealed class ApiClient : Kubernetes
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(15);

    private readonly Version _version;

    /// <param name="configuration">Address and credentials; its handler setup is kept and run last.</param>
    /// <param name="handlers">See every request, the first one first.</param>
    public ApiClient(KubernetesClientConfiguration configuration, params DelegatingHandler[] handlers)
        : this(configuration, new Connection(), handlers) { }

    private ApiClient(
        KubernetesClientConfiguration configuration,
        Connection connection,
        params DelegatingHandler[] handlers
    )
        : base(connection.SetUpBy(configuration), handlers)
    {
        _version = configuration.DisableHttp2 ? HttpVersion.Version11 : HttpVersion.Version20;
        if (!configuration.SkipTlsVerify)
        {
            connection.CheckNames();
        }
    }

    /// <summary>Sends a request and gives the answer once its headers are there. The caller disposes of it.</summary>
    /// <param name="method">Such as GET.</param>
    /// <param name="relativeUri">Path and query, without a leading slash.</param>
    /// <param name="body">Null for none.</param>
    /// <param name="cancellationToken">Ends the wait for the headers, not the reading of the body.</param>
    /// <exception cref="k8s.Autorest.HttpOperationException">The status code is not one of success.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string relativeUri,
        HttpContent? body,
        CancellationToken cancellationToken
    )
    {
        HttpRequestMessage request = new(method, new Uri(BaseUri, relativeUri)) { Version = _version, Content = body };
        string content = body is null ? "" : await body.ReadAsStringAsync(cancellationToken);
        // The client reads the body of a refusal, and runs credential plugins, without the token.
        return await SendRequestRaw(content, request, cancellationToken).WaitAsync(cancellationToken);
    }

    /// <summary>The handler that connects. The client sets it up in its constructor, at first by its configuration.</summary>
    private sealed class Connection
    {
        private SocketsHttpHandler? _handler;

        /// <summary>.NET waits for a connection without end, and the client pings a silent one after 3 minutes only.</summary>
        internal KubernetesClientConfiguration SetUpBy(KubernetesClientConfiguration configuration)
        {
            Action<SocketsHttpHandler>? own = configuration.FirstMessageHandlerSetup;
            configuration.FirstMessageHandlerSetup = handler =>
            {
                _handler = handler;
                handler.ConnectTimeout = ConnectTimeout;
                handler.KeepAlivePingDelay = PingDelay;
                handler.KeepAlivePingTimeout = PingTimeout;
                own?.Invoke(handler);
            };
            return configuration;
        }

        /// <summary>With a private authority the client takes a certificate for any name.</summary>
        internal void CheckNames()
        {
            if (_handler?.SslOptions is { RemoteCertificateValidationCallback: { } isOfAuthority } tls)
            {
                tls.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                    !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
                    && isOfAuthority(sender, certificate, chain, errors);
            }
        }
    }
}
