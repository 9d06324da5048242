namespace Kindred.Import.Demo;

/// <summary>
/// What the demo shop sells: sets of things that are bought together, each thing with its category, its price and whether it is used up and bought again.
/// Brands are invented.
/// </summary>
internal static class ShopWords
{
    public static readonly string[] Brands =
        ["Nordvik", "Alder & Pine", "Castello", "Brightwater", "Harrow", "Lumera", "Ostara", "Pellaro", "Quillon", "Riverstone", "Sagano", "Tinker", "Umbra Nova", "Westmill"];

    public static readonly string[] Variants =
        ["Classic", "Compact", "Pro", "Natural", "Deluxe", "Everyday", "Premium", "Essential", "Signature", "Large", "Small", "Family", "Travel", "Organic", "Gentle", "Heritage"];

    public static readonly Kit[] Kits =
    [
        new("Coffee", new("Espresso Machine", "Kitchen", 189), new("Coffee Beans", "Groceries", 11, true), new("Milk Jug", "Kitchen", 14), new("Descaler", "Household", 7, true), new("Espresso Cups", "Tableware", 19)),
        new("Tea", new("Teapot", "Tableware", 27), new("Loose Leaf Tea", "Groceries", 8, true), new("Tea Strainer", "Kitchen", 6), new("Honey", "Groceries", 5, true), new("Tea Towel", "Textiles", 7)),
        new("Baking", new("Stand Mixer", "Kitchen", 149), new("Bread Flour", "Groceries", 3, true), new("Proofing Basket", "Kitchen", 17), new("Dry Yeast", "Groceries", 2, true), new("Baking Paper", "Household", 3, true)),
        new("Grill", new("Charcoal Grill", "Garden", 99), new("Charcoal", "Garden", 9, true), new("Grill Tongs", "Kitchen", 13), new("Barbecue Sauce", "Groceries", 4, true), new("Grill Brush", "Household", 8)),
        new("Plants", new("Ceramic Planter", "Garden", 24), new("Potting Soil", "Garden", 8, true), new("Watering Can", "Garden", 18), new("Plant Food", "Garden", 6, true), new("Herb Seeds", "Garden", 3, true)),
        new("Running", new("Running Shoes", "Sport", 109), new("Running Socks", "Clothing", 12, true), new("Water Bottle", "Sport", 15), new("Reflective Vest", "Clothing", 22), new("Energy Gel", "Groceries", 2, true)),
        new("Yoga", new("Yoga Mat", "Sport", 35), new("Yoga Block", "Sport", 11), new("Leggings", "Clothing", 39), new("Resistance Band", "Sport", 9), new("Massage Ball", "Health", 8)),
        new("Cycling", new("Bicycle Helmet", "Sport", 59), new("Bicycle Lights", "Sport", 25), new("Inner Tube", "Sport", 6, true), new("Chain Oil", "Sport", 7, true), new("Pannier Bag", "Bags", 49)),
        new("Camping", new("Two-Person Tent", "Outdoor", 129), new("Sleeping Bag", "Outdoor", 69), new("Camping Stove", "Outdoor", 39), new("Gas Cartridge", "Outdoor", 6, true), new("Head Torch", "Outdoor", 22)),
        new("Baby", new("Baby Carrier", "Baby", 79), new("Nappies", "Baby", 12, true), new("Baby Wipes", "Baby", 3, true), new("Muslin Cloths", "Textiles", 14), new("Teething Ring", "Baby", 9)),
        new("Dog", new("Dog Bed", "Pets", 49), new("Dog Food", "Pets", 21, true), new("Dog Lead", "Pets", 16), new("Chew Toy", "Pets", 8, true), new("Dog Shampoo", "Pets", 9, true)),
        new("Cat", new("Scratching Post", "Pets", 45), new("Cat Litter", "Pets", 9, true), new("Cat Food", "Pets", 15, true), new("Feather Wand", "Pets", 6), new("Cat Carrier", "Pets", 34)),
        new("Painting", new("Easel", "Hobby", 55), new("Acrylic Paint", "Hobby", 18, true), new("Brush Set", "Hobby", 16), new("Canvas", "Hobby", 9, true), new("Sketchbook", "Stationery", 8, true)),
        new("Sewing", new("Sewing Machine", "Hobby", 159), new("Cotton Fabric", "Hobby", 12, true), new("Thread Set", "Hobby", 11, true), new("Fabric Scissors", "Hobby", 19), new("Pin Cushion", "Hobby", 6)),
        new("Desk", new("Desk Lamp", "Lighting", 45), new("Notebook", "Stationery", 7, true), new("Fountain Pen", "Stationery", 32), new("Ink", "Stationery", 9, true), new("Desk Organiser", "Stationery", 24)),
        new("Computer", new("Mechanical Keyboard", "Electronics", 89), new("Wireless Mouse", "Electronics", 39), new("Wrist Rest", "Electronics", 15), new("USB Hub", "Electronics", 29), new("Screen Cleaner", "Household", 6, true)),
        new("Photo", new("Instant Camera", "Electronics", 79), new("Instant Film", "Electronics", 17, true), new("Photo Album", "Stationery", 15), new("Camera Strap", "Bags", 18), new("Memory Card", "Electronics", 21)),
        new("Bath", new("Bath Towels", "Textiles", 29), new("Bath Salts", "Health", 9, true), new("Scented Candle", "Lighting", 16, true), new("Bathrobe", "Clothing", 49), new("Soap Dish", "Household", 8)),
        new("Laundry", new("Laundry Basket", "Household", 22), new("Laundry Liquid", "Household", 9, true), new("Clothes Pegs", "Household", 4), new("Ironing Board", "Household", 39), new("Fabric Softener", "Household", 5, true)),
        new("Party", new("Cake Stand", "Tableware", 26), new("Paper Napkins", "Tableware", 3, true), new("Bunting", "Hobby", 8), new("Birthday Candles", "Lighting", 3, true), new("Party Cups", "Tableware", 4, true)),
    ];

    internal sealed record Kit(string Name, params Thing[] Things);

    internal sealed record Thing(string Name, string Category, double Price, bool UsedUp = false);
}
