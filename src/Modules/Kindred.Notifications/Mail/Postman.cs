using System.Net.Mail;
using Kindred.Platform;
using Kindred.Platform.Storage;

namespace Kindred.Notifications.Mail;

/// <summary>
/// Carries letters away: to a mail server, or as files <c>DATA/mail/ID.eml</c> (mode 600) where none is set, for people to open. A letter carried twice is one
/// file, and two of one Message-ID at the server.
/// </summary>
internal sealed class Postman(MailSettings settings, NotificationOptions options, PlatformSettings platform)
{
    private readonly string _host = Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var address) ? address.Host : "localhost";

    /// <summary>The sender, with a name where the settings give one.</summary>
    public string From => settings.From.Length > 0 ? settings.From : MailText.IsAddress(settings.User) ? settings.User : $"Kindred <kindred@{_host}>";

    public string Host => _host;

    /// <summary>Sets out on a round; one connection serves it.</summary>
    public IRound Set() => settings.Host.Length > 0 ? new ServerRound(settings, new MailAddress(From).Address, _host) : new FolderRound(Path.Combine(platform.DataFolder, "mail"));

    /// <summary>Letters handed over one after another.</summary>
    public interface IRound : IAsyncDisposable
    {
        /// <summary>Hands one over. After an exception the round is over.</summary>
        Task DeliverAsync(Guid id, string to, byte[] letter, CancellationToken cancellation);
    }

    private sealed class ServerRound(MailSettings settings, string from, string name) : IRound
    {
        private SmtpSession? _session;

        public async Task DeliverAsync(Guid id, string to, byte[] letter, CancellationToken cancellation)
        {
            _session ??= await SmtpSession.OpenAsync(settings, name, cancellation);
            await _session.SendAsync(from, to, letter, cancellation);
        }

        public ValueTask DisposeAsync() => _session?.DisposeAsync() ?? default;
    }

    private sealed class FolderRound(string folder) : IRound
    {
        public Task DeliverAsync(Guid id, string to, byte[] letter, CancellationToken cancellation)
        {
            try
            {
                PrivateFiles.Write(Path.Combine(folder, $"{id:N}.eml"), letter);
            }
            catch (UnauthorizedAccessException closed)
            {
                throw new MailAwayException($"{folder} cannot be written to.", closed);
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => default;
    }
}
