internal import NIOSSL

/// Mutual TLS between nodes: this node's certificate and key, and the roots that a peer's certificate must lead to.
package struct PeerTLS: Sendable, Hashable {
    /// The path of the certificate and its intermediates, PEM.
    package var certificateChain: String
    /// The path of the private key, PEM.
    package var privateKey: String
    /// The path of the certificates that are trusted, PEM. The system's roots are not.
    package var trustRoots: String
    /// Whether a dialled node's certificate must name the host or address that was dialled.
    package var verifiesHostName = true

    package init(certificateChain: String, privateKey: String, trustRoots: String) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.trustRoots = trustRoots
    }
}

/// The contexts of both roles, read once.
struct PeerTLSContexts: Sendable {
    let server: NIOSSLContext
    let client: NIOSSLContext

    init(_ tls: PeerTLS) throws(PeerTransportError) {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(tls.certificateChain).map {
                NIOSSLCertificateSource.certificate($0)
            }
            guard !chain.isEmpty else {
                throw PeerTransportError(.tls, "\(tls.certificateChain) holds no certificate")
            }
            let key = NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: tls.privateKey, format: .pem))
            let roots = NIOSSLTrustRoots.certificates(try NIOSSLCertificate.fromPEMFile(tls.trustRoots))

            var server = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
            server.minimumTLSVersion = .tlsv13
            server.trustRoots = roots
            // A client has no host name to be verified; that it holds a certificate of the cluster is asked.
            server.certificateVerification = .noHostnameVerification
            server.applicationProtocols = ["h2"]
            self.server = try NIOSSLContext(configuration: server)

            var client = TLSConfiguration.makeClientConfiguration()
            client.minimumTLSVersion = .tlsv13
            client.trustRoots = roots
            client.certificateChain = chain
            client.privateKey = key
            client.certificateVerification = tls.verifiesHostName ? .fullVerification : .noHostnameVerification
            client.applicationProtocols = ["h2"]
            self.client = try NIOSSLContext(configuration: client)
        } catch let error as PeerTransportError {
            throw error
        } catch {
            throw PeerTransportError(
                .tls, "the certificate, key or trust roots between nodes cannot be used", cause: error)
        }
    }
}
