using System.Data.Common;
using Kindred.Contracts;

namespace Kindred.Catalog.Shop;

/// <summary>A vendor's store comes with their account, and everything of theirs goes with it.</summary>
internal sealed class OnPeople(ShopStore shop) : IPeopleChanged
{
    public Task OnRegisteredAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) =>
        person.IsVendor ? shop.AddStoreAsync($"{person.Email.Split('@')[0]} Store", person.Number, transaction, cancellation) : Task.CompletedTask;

    public Task OnVerifiedAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) => Task.CompletedTask;

    public Task OnRenamedAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) => shop.RenameOwnerAsync(transaction, cancellation);

    public Task OnDeletedAsync(PersonRecord person, DbTransaction transaction, CancellationToken cancellation) => shop.ForgetAsync(person.Number, transaction, cancellation);
}
