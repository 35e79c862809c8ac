"""The words in headings that say what a column is for, by language: the outcome, or what merely goes with it."""

# language → role → words, in lower case. A word of Chinese, Japanese or Korean counts anywhere in a heading, one of six
# letters or more also at either end of a compound, any other only as a whole (see core.data.parsing.roles).
#   outcome     what a file with other columns is about
#   measure     a quantity that is the outcome where no other column is, and often an input where one is
#   price       the outcome only where no other column is
#   companion   what goes with an outcome: promotions, holidays, places, changes, forecasts of others
#   identifier  numbers that name things and measure nothing, as the last word of a heading
#   date part   as a whole heading, next to the words for dates in HEADER_WORDS
ROLE_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "English": {
        "outcome": (
            *("sales", "sale", "sold", "demand", "load", "consumption", "usage", "quantity", "qty", "units", "volumes"),
            *("revenue", "turnover", "orders", "bookings", "value", "count", "cnt", "amount", "traffic", "passengers"),
            *("customers", "visitors", "visits", "arrivals", "departures", "riders", "ridership", "trips", "rides"),
            *("cases", "deaths", "infections", "admissions", "patients", "calls", "clicks", "pageviews", "downloads"),
            *("pm2 5", "pm25", "pm10", "aqi", "no2", "electricity", "production", "shipments"),
        ),
        "measure": (
            *("temperature", "glucose", "power", "generation", "output", "energy", "rainfall", "precipitation"),
            *("level", "index", "rate", "speed", "flow", "concentration", "heart rate", "bpm"),
        ),
        "companion": (
            *("discount", "promo", "promos", "promotion", "promotions", "campaign", "advertising", "markdown"),
            *("holiday", "holidays", "event", "events", "weekend", "workingday", "is", "has", "weather"),
            *("latitude", "longitude", "lat", "lon", "lng", "elevation", "altitude", "forecast", "forecasts", "fcst"),
            *("forecasted", "predicted", "prediction", "pred", "expected", "planned", "budget", "day ahead"),
            *("dayahead", "change", "chg", "pct", "percent", "growth", "yoy", "mom", "lag", "previous", "prev"),
        ),
        "identifier": (
            *("id", "ids", "code", "codes", "no", "nr", "number", "store", "shop", "sku", "ean", "upc", "zip"),
            *(
                "postcode",
                "nbr",
                "type",
                "category",
                "class",
                "flag",
                "flags",
                "status",
                "cluster",
                "serial",
                "version",
                "row",
            ),
        ),
        "price": ("price", "prices", "cost", "costs", "fare"),
        "date part": (
            *("hour", "minute", "second", "weekday", "dow", "dayofweek", "day of week", "dayofyear", "day of year"),
            *("doy", "season", "hour of day", "week of year", "yr", "mnth", "hr"),
        ),
    },
    "German": {
        "outcome": (
            *("umsatz", "umsätze", "absatz", "absätze", "verkäufe", "verkauf", "verkaufte", "nachfrage"),
            *("verbrauch", "menge", "stückzahl", "wert", "anzahl", "bestellungen", "fahrgäste", "passagiere"),
            *("besucher", "kunden", "fälle", "fallzahl", "netzlast", "auslastung", "verkehr"),
        ),
        "measure": ("temperatur", "leistung", "erzeugung", "niederschlag", "pegel", "blutzucker"),
        "companion": (
            *("rabatt", "aktion", "werbung", "feiertag", "feiertage", "ferien", "breitengrad", "längengrad"),
            *("prognose", "vorhersage", "vortag", "veränderung"),
        ),
        "price": ("preis", "preise", "kosten"),
        "identifier": ("nummer", "filiale", "typ", "kategorie", "kennung"),
        "date part": ("wochentag", "stunde", "minute"),
    },
    "French": {
        "outcome": (
            *("ventes", "vente", "demande", "charge", "consommation", "quantité", "quantités", "valeur", "nombre"),
            *("chiffre d affaires", "recettes", "trafic", "passagers", "voyageurs", "visiteurs", "clients", "cas"),
        ),
        "measure": ("température", "glycémie", "puissance", "débit"),
        "companion": ("promotion", "remise", "férié", "vacances", "prévision", "prévisions"),
        "price": ("prix", "tarif", "coût"),
        "identifier": ("magasin", "numéro", "identifiant", "catégorie"),
        "date part": ("heure", "minute"),
    },
    "Spanish, Italian, Portuguese": {
        "outcome": (
            *("ventas", "venta", "demanda", "carga", "consumo", "cantidad", "valor", "ingresos", "unidades", "casos"),
            *("pasajeros", "visitantes", "clientes", "tráfico", "vendite", "domanda", "carico", "consumi", "quantità"),
            *("valore", "ricavi", "passeggeri", "visitatori", "traffico", "vendas", "quantidade", "receita"),
            *("passageiros",),
        ),
        "measure": ("temperatura", "glucosa", "glucosio", "glicose", "potencia", "potenza", "potência"),
        "companion": (
            *("promoción", "promozione", "promoção", "descuento", "festivo", "feriado", "pronóstico", "previsión"),
            *("previsione", "previsioni", "previsão"),
        ),
        "price": ("precio", "prezzo", "preço"),
        "identifier": ("tienda", "negozio", "loja", "código", "codice", "número", "tipo"),
        "date part": ("ora", "minuto"),
    },
    "Russian": {
        "outcome": (
            *("продажи", "спрос", "нагрузка", "потребление", "количество", "выручка", "значение", "пассажиры"),
            *("посетители", "трафик", "случаи"),
        ),
        "measure": ("температура", "мощность", "глюкоза"),
        "companion": ("акция", "скидка", "праздник", "прогноз"),
        "price": ("цена", "стоимость"),
        "identifier": ("код", "номер", "магазин", "тип", "категория"),
    },
    "Korean": {
        "outcome": (
            *("매출", "판매", "수요", "부하", "사용량", "소비", "수량", "승객", "이용객", "방문", "관객", "통행량"),
            *("교통량", "확진", "주문", "생산량", "전력량", "발전량", "건수"),
        ),
        "measure": ("기온", "온도", "혈당", "강수량", "값"),
        "companion": ("할인", "행사", "프로모션", "휴일", "요일", "예측", "예보", "전년", "위도", "경도"),
        "price": ("가격", "단가", "물가"),
        "identifier": ("코드", "번호", "매장", "점포", "지점", "구분", "유형"),
    },
    "Chinese": {
        "outcome": (
            *("销量", "销售", "銷量", "銷售", "需求", "负荷", "負載", "用电量", "消费", "数量", "數量", "营收", "收入"),
            *("客流", "乘客", "流量", "病例", "订单", "产量"),
        ),
        "measure": ("温度", "溫度", "气温", "血糖", "降水", "值"),
        "companion": ("折扣", "促销", "促銷", "假日", "预测", "預測", "纬度", "经度"),
        "price": ("价格", "價格", "單價", "单价", "物价"),
        "identifier": ("代码", "编号", "門店", "门店", "类型", "类别"),
    },
    "Japanese": {
        "outcome": (
            *("売上", "販売", "需要", "消費", "使用量", "乗客", "来客", "来場", "交通量", "感染者", "件数", "注文"),
            *("生産量",),
        ),
        "measure": ("気温", "血糖", "降水量"),
        "companion": ("割引", "祝日", "休日", "予測", "予報", "曜日", "緯度", "経度"),
        "price": ("価格", "単価", "物価"),
        "identifier": ("コード", "番号", "店舗", "種別", "区分"),
    },
}
EXPLICIT = ("target", "y", "label", "ot")  # names that say "forecast me"
